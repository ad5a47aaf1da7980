import type { AdminEvent } from '../admin/api.ts';
import type { Controlled } from '../admin/controlled.ts';
import { Guard } from '../admin/guard.ts';
import { ADMIN_HOST, listenOnPort } from '../admin/listen-port.ts';
import { listenAt, listenInFolder } from '../admin/listen-socket.ts';
import { AdminServer } from '../admin/server.ts';
import type { Settings } from '../config/settings.ts';
import { messageOf } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';

/** Where the admin API of a server is reached. */
export interface AdminAddress {
  /** Absolute path of the Unix socket; null without one. */
  readonly socket: string | null;
  /** `http://127.0.0.1:PORT`; null without `adminPort`. */
  readonly url: string | null;
  /** What has to be sent over TCP to change anything, as `Authorization: Bearer TOKEN`; null without `adminPort`. */
  readonly token: string | null;
}

export interface RunningAdmin {
  readonly address: AdminAddress;
  /** Tells everybody who listens to events. */
  tell(event: AdminEvent): void;
  close(): Promise<void>;
}

/**
 * Starts the admin API as the settings say.
 *
 * @throws PreforkError ERR_LISTEN or ERR_PORT_IN_USE when it can not be where the user wants it. That it can not be where it is by default is a
 * notice alone: the server serves all the same
 */
export async function startAdmin({ adminPort, socket }: Settings, controlled: Controlled): Promise<RunningAdmin> {
  const server = new AdminServer(controlled);
  try {
    const path = await openSocket(server, socket);
    const guard = adminPort === undefined ? undefined : new Guard();
    let url: string | null = null;
    if (guard !== undefined && adminPort !== undefined) {
      const port = await listenOnPort(server.create(guard), adminPort);
      guard.setPort(port);
      url = `http://${ADMIN_HOST}:${port}`;
    }
    return {
      address: { socket: path, url, token: guard?.token ?? null },
      tell: (event) => server.tell(event),
      close: () => server.close(),
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function openSocket(server: AdminServer, chosen: string | undefined): Promise<string | null> {
  if (chosen === 'off') return null;
  if (chosen !== undefined) return listenAt(server.create(undefined), chosen);
  // Elsewhere than on Unix there are no such sockets, and nobody looks for one.
  if (process.getuid === undefined) return null;
  try {
    return await listenInFolder(server.create(undefined), process.pid);
  } catch (error) {
    publish({
      type: 'server:notice',
      message: `${messageOf(error)}. The server serves without it, and prefork ps and the others do not find it`,
    });
    return null;
  }
}
