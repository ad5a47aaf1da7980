import type { AddressInfo, Server } from 'node:net';
import { PreforkError } from '../errors/prefork-error.ts';

/** Never another one: who reaches it may read all that the server does. */
export const ADMIN_HOST = '127.0.0.1';

/** Where to listen, and the words for what goes wrong there. */
interface Place {
  readonly host: string;
  readonly purpose: string;
  readonly flag: string;
}

const ADMIN: Place = { host: ADMIN_HOST, purpose: 'the admin API', flag: '--admin-port' };

/** @returns the real port @throws PreforkError ERR_PORT_IN_USE or ERR_LISTEN */
export async function listenOnPort(server: Server, port: number, place: Place = ADMIN): Promise<number> {
  await new Promise<void>((listening, failed) => {
    const onError = (error: NodeJS.ErrnoException): void => failed(toError(error, port, place));
    server.once('error', onError);
    server.listen({ port, host: place.host, exclusive: true }, () => {
      server.off('error', onError);
      listening();
    });
  });
  return (server.address() as AddressInfo).port;
}

function toError(error: NodeJS.ErrnoException, port: number, { host, purpose, flag }: Place): PreforkError {
  if (error.code === 'EADDRINUSE') {
    return new PreforkError(
      'ERR_PORT_IN_USE',
      `port ${port} on ${host}, for ${purpose}, is in use by another process; end that one, or choose another port with ${flag}`,
      { cause: error },
    );
  }
  return new PreforkError('ERR_LISTEN', `can not listen on ${host}:${port} for ${purpose}: ${error.message}`, {
    cause: error,
  });
}
