import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export interface HttpServer {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
}

/** A bare node:http server on a free port, as the front makes it; closed when the test is over. What the listener throws fails the test. */
export async function httpServer(
  t: TestContext,
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
): Promise<HttpServer> {
  const failures: unknown[] = [];
  const server = createServer({ requireHostHeader: false, keepAliveTimeout: 60_000 }, (request, response) => {
    void run(() => listener(request, response)).catch((thrown: unknown) => {
      failures.push(thrown);
      response.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    if (failures.length > 0) throw new AggregateError(failures, `the listener threw: ${String(failures[0])}`);
  });
  const { port } = server.address() as AddressInfo;
  return { server, port, url: `http://127.0.0.1:${port}` };
}

async function run(call: () => unknown): Promise<void> {
  await call();
}
