import type { AddressInfo, Server } from 'node:net';
import { PreforkError } from '../errors/prefork-error.ts';

/** Never another one: who reaches it may read all that the server does. */
export const ADMIN_HOST = '127.0.0.1';

/** @returns the real port @throws PreforkError ERR_PORT_IN_USE or ERR_LISTEN */
export async function listenOnPort(server: Server, port: number): Promise<number> {
  await new Promise<void>((listening, failed) => {
    const onError = (error: NodeJS.ErrnoException): void => failed(toError(error, port));
    server.once('error', onError);
    server.listen({ port, host: ADMIN_HOST, exclusive: true }, () => {
      server.off('error', onError);
      listening();
    });
  });
  return (server.address() as AddressInfo).port;
}

function toError(error: NodeJS.ErrnoException, port: number): PreforkError {
  if (error.code === 'EADDRINUSE') {
    return new PreforkError(
      'ERR_PORT_IN_USE',
      `port ${port} on ${ADMIN_HOST}, for the admin API, is in use by another process; end that one, or choose another port with --admin-port`,
      { cause: error },
    );
  }
  return new PreforkError('ERR_LISTEN', `can not listen on ${ADMIN_HOST}:${port} for the admin API: ${error.message}`, {
    cause: error,
  });
}
