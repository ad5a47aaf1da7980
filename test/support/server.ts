import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { endsWithTest } from './ends-with-test.ts';
import { Family } from './family.ts';
import { Lines } from './lines.ts';
import { bin, root } from './paths.ts';
import { readProcess } from './processes.ts';
import { TestServer, type Exit } from './test-server.ts';
import { until } from './until.ts';

export interface StartOptions {
  /** Absolute path of the module to serve, mostly `handler('….mjs')`. */
  readonly entry: string;
  /** More flags of `prefork serve`; they come after `--port 0`, so that they can say otherwise. */
  readonly args?: readonly string[];
  /** Variables added to the environment; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The Node to run it with. Default the one that runs the test. */
  readonly node?: string;
  /** The `prefork` command. Default that of the checkout. */
  readonly bin?: string;
  /** Where it is started. Default the root of the checkout. */
  readonly cwd?: string;
  /** Bound for the start, ms. Default 30,000. */
  readonly withinMs?: number;
  /** How long after its end its processes may live, ms. Default 10,000: beyond that they hang. */
  readonly goneWithinMs?: number;
}

/** The server ended before it listened. */
export class ServerExited extends Error {
  override readonly name = 'ServerExited';

  readonly exit: Exit;
  readonly stdout: string;
  readonly stderr: string;

  constructor(exit: Exit, stdout: string, stderr: string) {
    super(`the server ended with code ${exit.code}, signal ${exit.signal} before it listened; its stderr: ${stderr}`);
    this.exit = exit;
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

/**
 * Starts `prefork serve` as a real process and resolves when its stdout says that it listens. Rejects with `ServerExited` if it
 * ends first, and after `withinMs` if it does neither; in both cases nothing that it started is left.
 */
export async function startServer(options: StartOptions): Promise<TestServer> {
  const mark = { name: 'TEST_SERVER_MARK', value: randomUUID() };
  const args = [options.bin ?? bin, 'serve', options.entry, '--port', '0', ...(options.args ?? [])];
  const child = spawn(options.node ?? process.execPath, args, {
    cwd: options.cwd ?? root,
    env: { ...cleanEnvironment(), ...options.env, [mark.name]: mark.value },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as a shell gives to a job: what the server does to its group can not hit the tests.
    detached: true,
  });
  endsWithTest(child);
  const stdout = new Lines(child.stdout);
  const stderr = new Lines(child.stderr);
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  if (child.pid === undefined) throw await until(() => failure, { describe: 'the reason why the server could not be spawned' });
  // Even if it has ended meanwhile, it stays in the process table until the event loop turns.
  const head = readProcess(child.pid);
  if (head === null) throw new Error(`process ${child.pid} is not in /proc, without which no test can tell what is left of it`);
  const family = new Family(head, `${mark.name}=${mark.value}`);
  const server = new TestServer(child, { stdout, stderr, family, goneWithinMs: options.goneWithinMs ?? 10_000 });
  try {
    await until(() => server.isListening() || server.hasClosed(), {
      describe: () =>
        `"listening on http://…" on stdout, which has ${JSON.stringify(stdout.all)}; stderr: ${stderr.all.join('\n')}`,
      withinMs: options.withinMs ?? 30_000,
    });
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
  if (server.isListening()) return server;
  const exit = await server.exited();
  await server[Symbol.asyncDispose]();
  throw new ServerExited(exit, stdout.all.join('\n'), stderr.all.join('\n'));
}

/** The environment of the tests without what would change the server, or a node:test inside it. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PREFORK_') && !['PORT', 'WEB_CONCURRENCY', 'NODE_TEST_CONTEXT'].includes(name),
  );
  return Object.fromEntries(kept);
}
