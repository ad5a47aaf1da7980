import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The folder in which servers of this user have their sockets, and where the commands look for them. */
export function socketFolder(env: NodeJS.ProcessEnv, uid: number): string {
  const { XDG_RUNTIME_DIR: runtime } = env;
  return join(runtime === undefined || runtime === '' ? tmpdir() : runtime, `prefork-${uid}`);
}

/** Where the server with this pid has its socket. */
export function socketPath(pid: number): string {
  return join(socketFolder(process.env, process.getuid?.() ?? 0), `${pid}.sock`);
}
