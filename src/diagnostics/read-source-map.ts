import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { CodePlace, SourcePlace } from './frames.ts';

/** Larger than any that was seen; what is read is untrusted. */
const LARGEST_BYTES = 256 * 1024 * 1024;
const MOST_KEPT = 32;

interface KnownMap {
  readonly map: SourceMap;
  /** Where its sources are looked for from. */
  readonly base: string;
}

/** Code that keeps the lines and columns of its source, as the one that prefork compiles, and says whose they are. */
interface RenamedCode {
  readonly file: string;
}

type Origin = KnownMap | RenamedCode;

/** Source maps by the code that names them, each read once. */
export class SourceMaps {
  readonly #known = new Map<string, { readonly version: string; readonly origin: Origin | undefined }>();

  /** Undefined where there is no map, or nothing in it for the place. */
  find({ url, line, column }: CodePlace): SourcePlace | undefined {
    const origin = this.#originOf(url);
    if (origin === undefined) return undefined;
    if ('file' in origin) return { file: origin.file, line: line + 1, column: column + 1 };
    const entry = origin.map.findEntry(line, column);
    if (!('originalSource' in entry)) return undefined;
    return {
      file: showSource(entry.originalSource, origin.base),
      line: entry.originalLine + 1,
      column: entry.originalColumn + 1,
    };
  }

  #originOf(url: string): Origin | undefined {
    const path = pathOf(url);
    if (path === undefined) return undefined;
    try {
      const code = readWhole(path);
      const seen = this.#known.get(url);
      if (seen?.version === code.version) return seen.origin;
      const origin = readMap(code.text, pathToFileURL(path).href) ?? readName(code.text);
      if (this.#known.size >= MOST_KEPT) this.#known.clear();
      this.#known.set(url, { version: code.version, origin });
      return origin;
    } catch {
      // Gone, no map, or none that can be read: the code itself is shown.
      return undefined;
    }
  }
}

function readMap(code: string, codeUrl: string): KnownMap | undefined {
  // The last one counts: code may quote others. https://tc39.es/ecma426/#sec-linking-inline
  const at = code.lastIndexOf('sourceMappingURL=');
  const reference = at < 0 ? undefined : /^sourceMappingURL=(\S+)/.exec(code.slice(at))?.[1];
  if (reference === undefined) return undefined;
  const [base, text] = readReference(reference, codeUrl);
  const payload = JSON.parse(text.replace(/^\)\]\}'[^\n]*\n/, '')) as SourceMapPayload;
  const root =
    typeof payload.sourceRoot === 'string' && payload.sourceRoot !== '' ? `${payload.sourceRoot.replace(/\/$/, '')}/` : '';
  return { map: new SourceMap(payload), base: new URL(root, base).href };
}

/** The name that the code gives itself at its end. V8 uses it in stacks, and not in profiles. */
function readName(code: string): RenamedCode | undefined {
  const name = /\n\/\/# sourceURL=(file:\S+)\s*$/.exec(code.slice(-4096))?.[1];
  return name === undefined ? undefined : { file: fileURLToPath(name) };
}

/** @returns the URL from which the map's own references count, and its text */
function readReference(reference: string, codeUrl: string): [base: string, text: string] {
  const [, mediaType, data] = /^data:([^,]*),(.*)$/s.exec(reference) ?? [];
  if (data !== undefined && mediaType !== undefined) {
    const bytes = mediaType.endsWith(';base64') ? Buffer.from(data, 'base64') : Buffer.from(decodeURIComponent(data));
    return [codeUrl, bytes.toString('utf8')];
  }
  const url = new URL(reference, codeUrl);
  // Nothing is fetched: only files are looked into.
  return [url.href, readWhole(fileURLToPath(url)).text];
}

function readWhole(path: string): { readonly text: string; readonly version: string } {
  // A pipe would keep us waiting.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > LARGEST_BYTES) throw new Error('it is no file, or too large');
    return { text: readFileSync(file, 'utf8'), version: `${stats.mtimeMs} ${stats.size}` };
  } finally {
    closeSync(file);
  }
}

function pathOf(url: string): string | undefined {
  if (url.startsWith('/')) return url;
  return url.startsWith('file:') ? fileURLToPath(url) : undefined;
}

function showSource(source: string, base: string): string {
  try {
    const url = new URL(source, base);
    return url.protocol === 'file:' ? fileURLToPath(url) : url.href;
  } catch {
    return source;
  }
}
