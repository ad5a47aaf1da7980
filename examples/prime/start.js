/**
 * What `npm start` runs: serves the example in the mode that is named, and says what to try.
 *
 *     node examples/prime/start.js [blocking|fork|pool|thread|cluster] [PORT]
 *
 * The environment variable PORT chooses the port too: `PORT=8080 npm start`.
 */
import { closeOnSignals, PreforkError, serve } from 'prefork';

const [mode = 'pool', port = process.env.PORT || '5000'] = process.argv.slice(2);

/** The exit codes of the command `prefork`, as far as they can occur here; the rest is about the entry. */
const EXIT_CODES = { ERR_BAD_OPTION: 2, ERR_PORT_IN_USE: 4, ERR_LISTEN: 4 };

const WHAT_TO_SEE = {
  blocking: 'The second tab waits for the first one: one process does one thing at a time.',
  fork: 'The second tab answers at once, from a process of its own (see "pid"), which ends with its answer.',
  pool: 'The second tab answers at once, from another process of the pool (see "pid").',
  thread: 'The second tab answers at once, from another thread of the same process.',
  cluster: 'The second tab may wait: a connection can land on the worker that computes.',
};

try {
  // The dashboard is one port further; with port 0 the system chooses both.
  const adminPort = Number(port) === 0 ? 0 : Number(port) + 1;
  const server = await serve({ entry: new URL('server.ts', import.meta.url), mode, port: Number(port), adminPort });
  closeOnSignals(server);
  const url = server.url.replace('127.0.0.1', 'localhost');
  console.log(`listening on ${url}

  Open two tabs, mode ${mode}:
    ${url}/?number=29355126551   is prime, which takes about a minute to find out
    ${url}/?number=7             while that one computes
  ${WHAT_TO_SEE[mode]}

  Watch its workers in the dashboard; the link is for you alone, it may do what you may:
    ${server.admin.url.replace('127.0.0.1', 'localhost')}/#token=${server.admin.token}
  Ctrl-C ends it.
`);
  const { lost } = await server.closed;
  process.exitCode = lost > 0 ? 5 : 0;
} catch (error) {
  if (!(error instanceof PreforkError)) throw error;
  console.error(`prefork: ${error.message} (${error.code})`);
  process.exitCode = EXIT_CODES[error.code] ?? 3;
}
