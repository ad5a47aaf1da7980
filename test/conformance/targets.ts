import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { endsWithTest } from '../support/ends-with-test.ts';
import { Family } from '../support/family.ts';
import { Lines } from '../support/lines.ts';
import { handler, root } from '../support/paths.ts';
import { readProcess } from '../support/processes.ts';
import { startServer } from '../support/server.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

export const MODES = ['blocking', 'fork', 'pool', 'thread', 'cluster'] as const;
/** The five modes, and the handler on plain node:http, as its author would mount it. */
export const TARGETS = ['bare', ...MODES] as const;
export type Target = (typeof TARGETS)[number];

const BARE_SERVER = join(root, 'test', 'fixtures', 'conformance', 'bare-server.mjs');
/** For `--import`: a program that listens by itself does so at any port of 127.0.0.1, and says where. */
export const ANY_PORT = pathToFileURL(join(root, 'test', 'fixtures', 'conformance', 'any-port.mjs')).href;

/** No more workers ahead than are asked for: each is a boot, and most checks ask one at a time. What is needed beside them boots then. */
const SPARES: Partial<Record<Target, readonly string[]>> = {
  fork: ['--spares', '1'],
  pool: ['--spares', '0'],
  thread: ['--spares', '0'],
};

/** Serves a handler fixture in a mode, or on plain node:http. `args` are flags of `prefork serve`. */
export async function startTarget(target: Target, handlerName: string, args: readonly string[] = []): Promise<TestServer> {
  const entry = handler(handlerName);
  if (target === 'bare') return startBare(entry);
  return startServer({ entry, args: ['--mode', target, ...(SPARES[target] ?? []), ...args] });
}

function startBare(entry: string): Promise<TestServer> {
  return startNode([BARE_SERVER, entry]);
}

/** Runs a program that listens by itself as `node PROGRAM` does, but at any port of 127.0.0.1. */
export function startProgram(program: string, env: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  return startNode(['--import', ANY_PORT, program], env);
}

/** @param args of a command that prints where it listens */
async function startNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<TestServer> {
  const mark = { name: 'TEST_SERVER_MARK', value: randomUUID() };
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env, [mark.name]: mark.value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  endsWithTest(child);
  const head = readProcess(child.pid ?? 0);
  if (head === null) throw new Error('the bare server could not be started');
  const parts = {
    stdout: new Lines(child.stdout),
    stderr: new Lines(child.stderr),
    family: new Family(head, `${mark.name}=${mark.value}`),
    goneWithinMs: 10_000,
  };
  const server = new TestServer(child, parts);
  await until(() => server.isListening(), {
    describe: () => `the bare server to listen; stderr: ${server.stderr().join('\n')}`,
    withinMs: 30_000,
  });
  return server;
}
