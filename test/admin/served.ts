import type { TestContext } from 'node:test';
import { join } from 'node:path';
import type { StreamLimits } from '../../src/admin/event-stream.ts';
import { Guard } from '../../src/admin/guard.ts';
import { listenOnPort } from '../../src/admin/listen-port.ts';
import { listenAt } from '../../src/admin/listen-socket.ts';
import { AdminServer } from '../../src/admin/server.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { SmallControlled } from './small-controlled.ts';

export interface Served {
  readonly controlled: SmallControlled;
  readonly admin: AdminServer;
  readonly socket: string;
  readonly port: number;
  readonly token: string;
}

/** An admin API over a socket and a port, for a server that is there for nothing else. */
export async function serveSmall(t: TestContext, limits: Partial<StreamLimits> = {}): Promise<Served> {
  const controlled = new SmallControlled();
  const admin = new AdminServer(controlled, limits);
  t.after(() => admin.close());
  const socket = await listenAt(admin.create(undefined), join(await temporaryFolder(t, {}), 's'));
  const guard = new Guard();
  const port = await listenOnPort(admin.create(guard), 0);
  guard.setPort(port);
  return { controlled, admin, socket, port, token: guard.token };
}
