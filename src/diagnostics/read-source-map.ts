import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
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

interface KnownCode {
  readonly version: string;
  readonly name: string | undefined;
  readonly map: KnownMap | undefined;
}

/** Source maps by the code that names them, each read once. */
export class SourceMaps {
  readonly #known = new Map<string, KnownCode>();

  /**
   * The name that code gives itself. What prefork compiled is in a cache, on the lines of its source, whose name it bears: stacks show that, CPU
   * profiles do not.
   */
  nameOf(url: string): string | undefined {
    return this.#codeOf(url)?.name;
  }

  /** Undefined where there is no map, or nothing in it for the place. */
  find({ url, line, column }: CodePlace): SourcePlace | undefined {
    const known = this.#codeOf(url)?.map;
    const entry = known?.map.findEntry(line, column);
    if (known === undefined || entry === undefined || !('originalSource' in entry)) return undefined;
    return { file: showSource(entry.originalSource, known.base), line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  #codeOf(url: string): KnownCode | undefined {
    const path = pathOf(url);
    if (path === undefined) return undefined;
    try {
      // A profile asks for the same file a thousand times.
      const version = versionOf(path);
      const seen = this.#known.get(url);
      if (seen?.version === version) return seen;
      const text = readWhole(path);
      const code = { version, name: readName(text), map: tryToReadMap(text, pathToFileURL(path).href) };
      if (this.#known.size >= MOST_KEPT) this.#known.clear();
      this.#known.set(url, code);
      return code;
    } catch {
      // Gone, or not to be read.
      return undefined;
    }
  }
}

/** https://tc39.es/ecma426/ has no word for it; V8 takes the last one. */
function readName(code: string): string | undefined {
  const at = code.lastIndexOf('//# sourceURL=');
  return at < 0 ? undefined : /^\/\/# sourceURL=(\S+)\s*$/m.exec(code.slice(at))?.[1];
}

/** A map that is broken is none: the code itself is shown. */
function tryToReadMap(code: string, codeUrl: string): KnownMap | undefined {
  try {
    return readMap(code, codeUrl);
  } catch {
    return undefined;
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

/** @returns the URL from which the map's own references count, and its text */
function readReference(reference: string, codeUrl: string): [base: string, text: string] {
  const [, mediaType, data] = /^data:([^,]*),(.*)$/s.exec(reference) ?? [];
  if (data !== undefined && mediaType !== undefined) {
    const bytes = mediaType.endsWith(';base64') ? Buffer.from(data, 'base64') : Buffer.from(decodeURIComponent(data));
    return [codeUrl, bytes.toString('utf8')];
  }
  const url = new URL(reference, codeUrl);
  // Nothing is fetched: only files are looked into.
  return [url.href, readWhole(fileURLToPath(url))];
}

function versionOf(path: string): string {
  const { mtimeMs, size } = statSync(path);
  return `${mtimeMs} ${size}`;
}

function readWhole(path: string): string {
  // A pipe would keep us waiting.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile() || stats.size > LARGEST_BYTES) throw new Error('it is no file, or too large');
    return readFileSync(file, 'utf8');
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
