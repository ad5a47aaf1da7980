/**
 * The dashboard as it was built: a page and its assets, held in memory from the first time that one of them is asked for. A path is looked
 * up in that list and never joined to a folder, so no path leads out of it.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** Nothing but what this server itself has: no script or style in the page, nothing from elsewhere, no frame around it. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const TYPES: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The name has a hash of the content in it, so what it names never changes. */
const FOREVER = 'public, max-age=31536000, immutable';
/** The page names the assets, and is another one after each build. */
const ASK_EACH_TIME = 'no-cache';

const NOT_BUILT = 'prefork: the dashboard is not there: found no dist/dashboard; "npm run build" in the checkout builds it\n';

interface DashboardFile {
  readonly type: string;
  readonly body: Buffer;
  readonly caching: string;
}

/** Which page is at which path. */
export type Pages = Readonly<Record<string, string>>;

export class DashboardFiles {
  readonly #folder: URL;
  readonly #pages: Pages;
  #files: Promise<ReadonlyMap<string, DashboardFile>> | undefined;

  /** @param folder of the built dashboard, with a slash at its end */
  constructor(folder: URL = new URL('../dashboard/', import.meta.url), pages: Pages = { '/': 'index.html' }) {
    this.#folder = folder;
    this.#pages = pages;
  }

  /** Answers when the path is one of the dashboard; else resolves with false. Who asks for a page as no browser does gets none. */
  async answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const page = Object.hasOwn(this.#pages, path) ? this.#pages[path] : undefined;
    const isPage = page !== undefined && (request.headers.accept ?? '').includes('text/html');
    if (!isPage && !path.startsWith('/assets/')) return false;
    this.#files ??= readFiles(this.#folder, Object.values(this.#pages));
    const files = await this.#files;
    const file = files.get(isPage ? `/${page}` : path);
    if (file === undefined) {
      // It may be built meanwhile.
      this.#files = undefined;
      if (isPage) send(response, { type: 'text/plain; charset=utf-8', body: Buffer.from(NOT_BUILT), caching: 'no-store' }, 404);
      return isPage;
    }
    response.setHeader('Content-Security-Policy', PAGE_POLICY);
    send(response, file, 200);
    return true;
  }
}

function send(response: ServerResponse, { type, body, caching }: DashboardFile, status: number): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': body.length, 'Cache-Control': caching });
  response.end(body);
}

async function readFiles(folder: URL, pages: readonly string[]): Promise<ReadonlyMap<string, DashboardFile>> {
  const files = new Map<string, DashboardFile>();
  for (const path of [...pages, ...(await namesIn(new URL('assets/', folder))).map((name) => `assets/${name}`)]) {
    const type = TYPES[path.slice(path.lastIndexOf('.') + 1)];
    if (type === undefined) continue;
    try {
      const body = await readFile(new URL(path, folder));
      files.set(`/${path}`, { type, body, caching: pages.includes(path) ? ASK_EACH_TIME : FOREVER });
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return files;
}

async function namesIn(folder: URL): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
