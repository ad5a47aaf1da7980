import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryFolder } from '../config/temporary-folder.ts';

export interface Pretended {
  readonly socket: string;
  /** Empty, for what commands write. */
  readonly folder: string;
  /** Resolves when the next connection has been closed by its client. */
  readonly left: Promise<unknown>;
}

/** An admin API that behaves as a real one does only in bad moments. */
export async function pretendServer(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Pretended> {
  const socket = join(await temporaryFolder(t, {}), 's');
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const left = new Promise((resolve) => {
    server.once('request', (request: IncomingMessage) => request.socket.once('close', resolve));
  });
  server.listen(socket);
  await once(server, 'listening');
  return { socket, folder: await temporaryFolder(t, {}), left };
}
