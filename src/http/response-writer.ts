import { ServerResponse, validateHeaderName, validateHeaderValue } from 'node:http';
import { lentMemory } from '../channel/lent-memory.ts';
import type { ResponseHead } from '../channel/messages.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** Headers that belong to one connection (RFC 9110, 7.6.1). A worker has none; the front's own apply. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'proxy-connection', 'upgrade']);

const NO_BYTES = new Uint8Array(0);

/**
 * Writes a worker's answer to the client and keeps it honest: what a worker says is checked, because a handler, or what
 * has taken it over, must not be able to smuggle a second answer into the connection.
 */
export class ResponseWriter {
  readonly #response: ServerResponse;
  /** Bytes that Content-Length announced and that have not come yet; undefined where the end marks itself. */
  #missingBytes: number | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  /** @throws PreforkError ERR_HANDLER_RESPONSE when the head is no valid one; nothing was sent then */
  writeHead(head: ResponseHead, own: readonly string[], isHeadRequest: boolean): void {
    this.#sendHeadSoon(this.#begin(head, own, isHeadRequest));
  }

  #sendHeadSoon(hasNoBody: boolean): void {
    // A head whose body is here already leaves together with it; one whose body takes its time must not wait for it.
    process.nextTick(() => {
      if (this.#response.writableEnded || this.#response.destroyed) return;
      // flushHeaders() writes the head as UTF-8: with bytes beside it, even with none, node:http writes it as it is.
      if (hasNoBody) this.#response.flushHeaders();
      else this.#response.write(NO_BYTES);
    });
  }

  /** The whole of an answer. @throws PreforkError ERR_HANDLER_RESPONSE when head and body are no valid answer */
  answer(head: ResponseHead, own: readonly string[], isHeadRequest: boolean, body: Buffer): void {
    const hasNoBody = this.#begin(head, own, isHeadRequest);
    if (this.#missingBytes !== undefined && body.length !== this.#missingBytes) {
      // The client gets as much of it as is right, and then looks at a broken one.
      this.#sendHeadSoon(hasNoBody);
      this.write(body);
      this.end([]);
      return;
    }
    // As text it goes out in one piece with the head: a character of latin1 is a byte, as in the head.
    if (this.#response instanceof ServerResponse && body.length > 0) this.#response.end(body.toString('latin1'), 'latin1');
    else this.#response.end(body);
  }

  /** @returns whether no body may follow */
  #begin(head: ResponseHead, own: readonly string[], isHeadRequest: boolean): boolean {
    // node:http lets a handler end with one, and the client would go on waiting for the answer.
    if (head.status < 200) throw invalid(`its status is ${head.status}, expected 200 to 999`);
    const hasNoBody = isHeadRequest || head.status === 204 || head.status === 304;
    // The answer of an offloaded route goes on into a framework, which frames it anew: it has no request of node:http.
    const { req }: Partial<ServerResponse> = this.#response;
    const mayBeChunked = head.status !== 204 && head.status !== 304 && req?.httpVersion === '1.1';
    const { headers, contentLength, close } = sift(head.headers, mayBeChunked, isHeadRequest);
    this.#missingBytes = hasNoBody ? undefined : contentLength;
    // The worker has set the date, or its handler did not want one.
    this.#response.sendDate = false;
    try {
      this.#response.writeHead(head.status, head.message, [...headers, ...own, ...(close ? ['Connection', 'close'] : [])]);
    } catch (error) {
      throw invalid(`its head can not be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
    return hasNoBody;
  }

  /** 102 and 103, which a handler may send before its answer. */
  writeInformational(head: ResponseHead): void {
    if (head.status === 102) this.#response.writeProcessing();
    if (head.status !== 103) return;
    const hints: Record<string, string[]> = {};
    try {
      for (const [name, value] of pairs(head.headers)) {
        // writeEarlyHints looks at nothing but Link: https://github.com/nodejs/node/blob/v20.20.2/lib/_http_server.js
        validateHeaderName(name);
        validateHeaderValue(name, value);
        const lower = name.toLowerCase();
        if (HOP_BY_HOP.has(lower) || lower === 'content-length') continue;
        // The worker's node:http has joined the links, and ours takes them one by one.
        hints[lower] = [...(hints[lower] ?? []), ...(lower === 'link' ? value.split(/, (?=<)/) : [value])];
      }
      this.#response.writeEarlyHints(hints);
    } catch (error) {
      throw invalid(`its early hints can not be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /**
   * @returns false when the client is behind: wait for 'drain' before the next piece
   * @throws PreforkError ERR_HANDLER_RESPONSE when there are more bytes than were announced; the excess is not sent
   */
  write(bytes: Buffer): boolean {
    if (this.#missingBytes === undefined) return this.#pass(bytes);
    if (bytes.length > this.#missingBytes) throw invalid('its body is longer than its Content-Length');
    this.#missingBytes -= bytes.length;
    if (this.#missingBytes > 0) return this.#pass(bytes);
    // The last piece and the end go out together.
    if (this.#isToGiveBack(bytes)) this.#response.end(bytes, () => lentMemory.giveBack(bytes));
    else this.#response.end(bytes);
    return true;
  }

  #pass(bytes: Buffer): boolean {
    if (!this.#isToGiveBack(bytes)) return this.#response.write(bytes);
    return this.#response.write(bytes, (error) => {
      if (error === undefined || error === null) lentMemory.giveBack(bytes);
    });
  }

  /** Others than node:http may hold on to what they were given. */
  #isToGiveBack(bytes: Buffer): boolean {
    return lentMemory.has(bytes) && this.#response instanceof ServerResponse;
  }

  /** @throws PreforkError ERR_HANDLER_RESPONSE when bytes are missing, or a trailer is not valid */
  end(trailers: readonly string[]): void {
    if (this.#response.writableEnded) return;
    if (this.#missingBytes !== undefined && this.#missingBytes > 0) throw invalid('its body is shorter than its Content-Length');
    try {
      if (trailers.length > 0) this.#response.addTrailers(pairs(trailers));
    } catch (error) {
      throw invalid(`its trailers can not be sent: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#response.end();
  }
}

/**
 * @param mayBeChunked whether `Transfer-Encoding: chunked` is kept, where the handler's own node:http said it
 * @param hasNoFrame whether it is kept even beside a length: an answer to HEAD has no body that could be read in two ways (RFC 9112, 6.3)
 */
function sift(
  raw: readonly string[],
  mayBeChunked: boolean,
  hasNoFrame: boolean,
): { headers: string[]; contentLength: number | undefined; close: boolean } {
  const headers: string[] = [];
  let contentLength: number | undefined;
  let close = false;
  let chunkedAt: number | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const value = raw[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'connection') close ||= /\bclose\b/i.test(value);
    if (lower === 'transfer-encoding' && chunkedAt === undefined && /^chunked$/i.test(value))
      chunkedAt = headers.push(name, value);
    if (HOP_BY_HOP.has(lower)) continue;
    if (lower === 'content-length') {
      if (contentLength !== undefined || !/^\d{1,15}$/.test(value)) throw invalid('its Content-Length is no single number');
      contentLength = Number(value);
    }
    headers.push(name, value);
  }
  const isKept = mayBeChunked && (contentLength === undefined || hasNoFrame);
  if (chunkedAt !== undefined && !isKept) headers.splice(chunkedAt - 2, 2);
  return { headers, contentLength, close };
}

function pairs(raw: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let index = 0; index < raw.length; index += 2) found.push([raw[index] ?? '', raw[index + 1] ?? '']);
  return found;
}

function invalid(message: string): PreforkError {
  return new PreforkError('ERR_HANDLER_RESPONSE', `the handler's answer is not valid: ${message}`);
}
