/** prefork serve: the client of a request goes away. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { command } from '../prefork.mjs';
import { withSignal } from './with-signal.mjs';

export async function start() {
  const entry = fileURLToPath(new URL('handler.mjs', import.meta.url));
  const server = spawn(process.execPath, [command, 'serve', entry, '--port', '0', '--log-level', 'silent'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let base;
  for await (const line of createInterface({ input: server.stdout })) {
    base = /^listening on (\S+)$/.exec(line)?.[1];
    if (base !== undefined) break;
  }
  return withSignal(async (name, argument, signal) => {
    const response = await fetch(`${base}/${name}?argument=${encodeURIComponent(argument)}`, { signal });
    if (!response.ok) throw new Error(`status ${response.status}`);
    return response.json();
  });
}
