import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../../config/temporary-folder.ts';
import { startOnPty, type Pty, type PtySize } from '../../support/pty.ts';
import { handler } from '../../support/paths.ts';
import { startServer } from '../../support/server.ts';
import type { TestServer } from '../../support/test-server.ts';

const MAIN = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

export const SIZE: PtySize = { columns: 100, rows: 30 };

export interface Served {
  readonly server: TestServer;
  readonly socket: string;
  readonly folder: string;
}

/** A server with its admin socket in a folder of the test. */
export async function serveForTop(t: TestContext, entry: string, ...args: string[]): Promise<Served> {
  const folder = await temporaryFolder(t, {});
  const socket = join(folder, 'admin.sock');
  return { server: await startServer({ entry: handler(entry), args: ['--socket', socket, ...args] }), socket, folder };
}

/** `prefork top` on a terminal of its own. */
export function startTop(
  socket: string,
  { size = SIZE, env, cwd }: { size?: PtySize; env?: Readonly<Record<string, string>>; cwd?: string } = {},
): Promise<Pty> {
  return startOnPty(process.execPath, [MAIN, 'top', '--socket', socket], {
    ...size,
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** The same as words for a shell. */
export function topCommand(socket: string): string {
  return `'${process.execPath}' '${MAIN}' top --socket '${socket}'`;
}
