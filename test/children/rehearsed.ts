import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { printed } from './watch.ts';

/** What test/fixtures/handlers/rehearsed.mjs answers. */
interface Told {
  readonly begun: number;
  readonly handled: number;
  readonly counted: number;
}

/** What the first request finds in a worker that has been idle for a while. */
export async function firstOf(env: Readonly<Record<string, string>>, mode = 'pool', node?: string): Promise<Told> {
  await using server = await startServer({
    entry: handler('rehearsed.mjs'),
    args: ['--mode', mode, '--max', '2', '--spares', '1'],
    env,
    ...(node === undefined ? {} : { node }),
  });
  await printed(server, 'rested');
  return (await get(`${server.url}/`)).json() as Told;
}
