/** One answer as it stood on the wire. Texts are latin1: one character a byte. */
export interface WireResponse {
  readonly version: string;
  readonly status: number;
  readonly reason: string;
  /** As they were sent: case, order, duplicates. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly framing: 'none' | 'length' | 'chunked' | 'close';
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
  /** Informational answers (1xx) that came before. */
  readonly interim: readonly { readonly status: number; readonly headers: readonly (readonly [string, string])[] }[];
  /** False when the connection ended before the answer did. */
  readonly isComplete: boolean;
}

export interface Taken {
  readonly response: WireResponse;
  readonly rest: Buffer;
}

type Interim = WireResponse['interim'];

/**
 * Takes the first answer off the bytes of a connection, strictly as RFC 9112 has it; null when more bytes are needed.
 *
 * @param method of the request: an answer to HEAD has no body
 * @param hasEnded whether the server has closed, so that what is missing never comes
 * @throws Error when the bytes are no HTTP/1.1
 */
export function takeResponse(bytes: Buffer, method: string, hasEnded: boolean, interim: Interim = []): Taken | null {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) {
    if (bytes.length > 0 && hasEnded)
      throw new Error(`the connection ended inside of a head: ${JSON.stringify(bytes.toString('latin1'))}`);
    return null;
  }
  const lines = bytes.subarray(0, headEnd).toString('latin1').split('\r\n');
  const match = /^(HTTP\/1\.[01]) (\d{3}) ?(.*)$/.exec(lines[0] ?? '');
  if (match === null) throw new Error(`this is no status line: ${JSON.stringify(lines[0])}`);
  const [, version = '', status = '', reason = ''] = match;
  const headers = lines.slice(1).map(toField);
  const rest = bytes.subarray(headEnd + 4);
  if (status.startsWith('1')) return takeResponse(rest, method, hasEnded, [...interim, { status: Number(status), headers }]);
  const head = { version, status: Number(status), reason, headers, interim };
  const body = takeBody(rest, framingOf(head.status, headers, method), hasEnded);
  if (body === null) return null;
  return { response: { ...head, ...body.part }, rest: body.rest };
}

type Framing = { readonly kind: 'none' | 'chunked' | 'close' } | { readonly kind: 'length'; readonly bytes: number };
type BodyPart = Pick<WireResponse, 'framing' | 'body' | 'trailers' | 'isComplete'>;

/** RFC 9112, 6.3. */
function framingOf(status: number, headers: WireResponse['headers'], method: string): Framing {
  if (method === 'HEAD' || status === 204 || status === 304) return { kind: 'none' };
  const values = (wanted: string) => headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  const codings = values('transfer-encoding');
  const lengths = values('content-length');
  if (codings.length + lengths.length > 1) throw new Error(`an answer with two framings: ${JSON.stringify(headers)}`);
  if (codings.length > 0) return { kind: 'chunked' };
  return lengths.length > 0 ? { kind: 'length', bytes: Number(lengths[0]) } : { kind: 'close' };
}

function takeBody(bytes: Buffer, framing: Framing, hasEnded: boolean): { part: BodyPart; rest: Buffer } | null {
  const part = (length: number, isComplete: boolean): { part: BodyPart; rest: Buffer } => ({
    part: { framing: framing.kind, body: bytes.toString('latin1', 0, length), trailers: [], isComplete },
    rest: bytes.subarray(length),
  });
  switch (framing.kind) {
    case 'none':
      return part(0, true);
    case 'close':
      return hasEnded ? part(bytes.length, true) : null;
    case 'length':
      if (bytes.length >= framing.bytes) return part(framing.bytes, true);
      return hasEnded ? part(bytes.length, false) : null;
    case 'chunked':
      return takeChunks(bytes, hasEnded);
  }
}

function takeChunks(bytes: Buffer, hasEnded: boolean): { part: BodyPart; rest: Buffer } | null {
  let body = '';
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    const sizeText = lineEnd < 0 ? '' : bytes.toString('latin1', at, lineEnd);
    if (lineEnd >= 0 && !/^[0-9a-f]+$/i.test(sizeText)) throw new Error(`this is no chunk size: ${JSON.stringify(sizeText)}`);
    const size = Number.parseInt(sizeText, 16);
    if (size === 0) {
      // An empty line ends the trailers; without any it follows at once.
      const end = bytes.indexOf('\r\n\r\n', lineEnd);
      if (end >= 0) {
        const lines = bytes
          .toString('latin1', lineEnd + 2, end)
          .split('\r\n')
          .filter((line) => line !== '');
        return {
          part: { framing: 'chunked', body, trailers: lines.map(toField), isComplete: true },
          rest: bytes.subarray(end + 4),
        };
      }
    }
    const dataEnd = lineEnd + 2 + size;
    if (lineEnd < 0 || size === 0 || bytes.length < dataEnd + 2) {
      if (!hasEnded) return null;
      if (size > 0) body += bytes.toString('latin1', lineEnd + 2, dataEnd);
      return { part: { framing: 'chunked', body, trailers: [], isComplete: false }, rest: Buffer.alloc(0) };
    }
    if (bytes.toString('latin1', dataEnd, dataEnd + 2) !== '\r\n') throw new Error('a chunk does not end with a line break');
    body += bytes.toString('latin1', lineEnd + 2, dataEnd);
    at = dataEnd + 2;
  }
}

function toField(line: string): readonly [string, string] {
  const match = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/.exec(line);
  if (match === null) throw new Error(`this is no header: ${JSON.stringify(line)}`);
  return [match[1] ?? '', match[2] ?? ''];
}
