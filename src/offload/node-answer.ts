import type { ServerResponse } from 'node:http';
import { AnswerSide } from './answer-side.ts';

/** Headers that the app's middleware and the handler may both set: the client gets all of them. */
const MERGED: ReadonlySet<string> = new Set(['set-cookie', 'vary']);

/**
 * Writes a worker's answer into the response of an app, which may have headers already. They are set one by one: given to `writeHead` as a list,
 * those that come more than once would be lost beside the app's (Node 20), and middleware that looks at them before they are sent
 * (compression, sessions) would not find them.
 */
export class NodeAnswer extends AnswerSide<ServerResponse> {
  get statusCode(): number {
    return this.stream.statusCode;
  }

  get headersSent(): boolean {
    return this.stream.headersSent;
  }

  /** Leaves the response as the app had it when a header is not valid. @throws TypeError */
  writeHead(status: number, message: string, raw: readonly string[]): void {
    const response = this.stream;
    const before = Object.entries(response.getHeaders());
    try {
      const seen = new Set<string>();
      for (let index = 0; index < raw.length; index += 2) {
        const [name = '', value = ''] = raw.slice(index, index + 2);
        const lower = name.toLowerCase();
        if (seen.has(lower) || MERGED.has(lower)) response.appendHeader(name, value);
        else response.setHeader(name, value);
        seen.add(lower);
      }
    } catch (error) {
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      for (const [name, value] of before) if (value !== undefined) response.setHeader(name, value);
      throw error;
    }
    response.sendDate = this.sendDate;
    response.writeHead(status, message);
  }

  flushHeaders(): void {
    this.stream.flushHeaders();
  }

  addTrailers(trailers: [string, string][]): void {
    this.stream.addTrailers(trailers);
  }

  writeEarlyHints(hints: Record<string, string | string[]>): void {
    this.stream.writeEarlyHints(hints);
  }

  writeProcessing(): void {
    this.stream.writeProcessing();
  }
}
