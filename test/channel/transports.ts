import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { portTransport, socketTransport, type Transport } from '../../src/channel/transport.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';

/** The two ends of one connection. */
export type Ends<T> = readonly [T, T];

/** Two sockets that are connected with each other, as those of a worker process are; destroyed when the test is over. */
async function socketPair(t: TestContext): Promise<Ends<Socket>> {
  const folder = await temporaryFolder(t, {});
  const server = createServer();
  // Windows has named pipes in place of sockets in the file system.
  const path = process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll(/\W/g, '-')}` : join(folder, 'socket');
  server.listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  t.after(() => {
    near.destroy();
    far.destroy();
  });
  return [near, far];
}

/** Each kind of transport there is, with a way to make both ends of a real one. */
export const TRANSPORTS: Readonly<Record<'socket' | 'message port', (t: TestContext) => Promise<Ends<Transport>>>> = {
  socket: async (t) => {
    const [near, far] = await socketPair(t);
    return [socketTransport(near), socketTransport(far)];
  },
  'message port': async (t) => {
    const { port1, port2 } = new MessageChannel();
    t.after(() => port1.close());
    return [portTransport(port1), portTransport(port2)];
  },
};

/** The same transport, with a record of the size of each write. */
export function recorded(transport: Transport): { transport: Transport; writes: number[] } {
  const writes: number[] = [];
  return {
    writes,
    transport: {
      get bufferedBytes() {
        return transport.bufferedBytes;
      },
      write: (bytes) => {
        writes.push(bytes.length);
        transport.write(bytes);
      },
      afterWrites: (callback) => transport.afterWrites(callback),
      listen: (onBytes, onClose) => transport.listen(onBytes, onClose),
      end: () => transport.end(),
      destroy: () => transport.destroy(),
    },
  };
}
