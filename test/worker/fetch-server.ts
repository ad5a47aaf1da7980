import type { TestContext } from 'node:test';
import { fetchToNode } from '../../src/worker/fetch-adapter.ts';
import type { FetchHandler } from '../../src/worker/handler-kinds.ts';
import { httpServer } from '../http/http-server.ts';

/** Serves a fetch handler with bare node:http; `outcomes` has, for each request, what became of the promise of the adapter. */
export async function serve(t: TestContext, handler: FetchHandler): Promise<{ url: string; port: number; outcomes: unknown[] }> {
  const outcomes: unknown[] = [];
  const handle = fetchToNode(handler);
  const { url, port } = await httpServer(t, async (request, response) => {
    try {
      await handle(request, response);
      outcomes.push('done');
    } catch (thrown) {
      outcomes.push(thrown);
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end();
    }
  });
  return { url, port, outcomes };
}

/** A stream that gives what `push` is called with, when it is called. */
export function controlled(): {
  stream: ReadableStream<Uint8Array>;
  push(piece: string): void;
  close(): void;
  fail(error: Error): void;
  cancelled: unknown[];
} {
  const cancelled: unknown[] = [];
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    cancel: (reason) => void cancelled.push(reason),
  });
  return {
    stream,
    cancelled,
    push: (piece) => controller?.enqueue(Buffer.from(piece)),
    close: () => controller?.close(),
    fail: (error) => controller?.error(error),
  };
}
