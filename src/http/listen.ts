import { type AddressInfo, Server } from 'node:net';
import { PreforkError } from '../errors/prefork-error.ts';

/** Before any handler is loaded: in a process that has one, the servers of the handler are held back (worker/listening.ts). */
const listenForReal = Reflect.get(Server.prototype, 'listen') as (this: Server, options: { port: number; host: string }) => void;

/** @throws PreforkError ERR_PORT_IN_USE or ERR_LISTEN, with what to do about it */
export async function listen(server: Server, port: number, host: string): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    const refused = (error: NodeJS.ErrnoException): void => {
      server.off('listening', ready);
      reject(toListenError(error, port, host));
    };
    const ready = (): void => {
      server.off('error', refused);
      resolve();
    };
    server.once('error', refused);
    server.once('listening', ready);
    listenForReal.call(server, { port, host });
  });
  return server.address() as AddressInfo;
}

function toListenError(error: NodeJS.ErrnoException, port: number, host: string): PreforkError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new PreforkError(
        'ERR_PORT_IN_USE',
        `port ${port} on ${host} is in use by another process; end that one, or choose another port with --port`,
        { cause: error },
      );
    case 'EACCES':
      return new PreforkError(
        'ERR_LISTEN',
        `port ${port} needs more rights than this process has; choose a port from 1024 on with --port`,
        { cause: error },
      );
    case 'ENOTFOUND':
    case 'EADDRNOTAVAIL':
    case 'EAI_AGAIN':
      return new PreforkError(
        'ERR_LISTEN',
        `${JSON.stringify(host)} is no address of this machine; give one with --host, such as 127.0.0.1 or 0.0.0.0`,
        { cause: error },
      );
    default:
      return new PreforkError('ERR_LISTEN', `can not listen on ${host}:${port}: ${error.message}`, { cause: error });
  }
}
