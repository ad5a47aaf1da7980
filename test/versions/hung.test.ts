/** What this is all for: with a handler that loops for ever, three calls deep and in TypeScript, everything that looks names the place. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Incidents, Inspection } from '../../src/admin/api.ts';
import type { StackReport } from '../../src/diagnostics/stack-report.ts';
import { type Operated, operated, workerAt } from '../cli/operate.ts';
import { startCommand } from '../cli/run-command.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';
import { allRuntimes, type Runtime } from './runtimes.ts';

const entry = handler('loops-deep.ts');
/** Counts from 1. */
const LINE =
  readFileSync(entry, 'utf8')
    .split('\n')
    .findIndex((line) => line.includes('// the loop')) + 1;
const FUNCTIONS = ['spin', 'sum', 'total', 'handle'];

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { readonly functionName: string; readonly url: string } }[];
  readonly samples: readonly number[];
}

const MODES = ['fork', 'pool', 'cluster', 'thread'] as const;
const runtimes = await allRuntimes();

/** All modes on the Node at hand. On the others one for each way of being run, which is what a version may change: a process and a thread; the newest has a cluster too. */
function modesOf(runtime: Runtime): readonly (typeof MODES)[number][] {
  if (runtime === runtimes[0]) return MODES;
  return runtime === runtimes.at(-1) ? ['pool', 'cluster', 'thread'] : ['pool', 'thread'];
}

for (const runtime of runtimes) {
  for (const mode of modesOf(runtime)) {
    test(`${runtime.name}, mode ${mode}: a loop is found by all that looks, and goes on`, { timeout: 180_000 }, async (t) => {
      await using it = await operated(t, {
        entry,
        args: ['--mode', mode, '--max', '2', '--slow', '500ms', '--deadline', '10m'],
        node: runtime.path,
        env: { NODE_V8_COVERAGE: undefined },
      });
      void get(`${it.server.url}/loop`).catch(() => null);
      await workerAt(it, '/loop');
      const ref = `w${(await it.state()).workers.find(({ task }) => task !== null)?.id}`;

      const log = await it.server.waitForLog((line) => line['event'] === 'task:slow', 60_000);
      assert.match(
        String(log['msg']),
        new RegExp(`^GET /loop has run for \\d+ ms: computing in spin \\(.*loops-deep\\.ts:${LINE}\\)`),
      );
      assert.ok(String(log['stack']).startsWith(`    at spin (${entry}:${LINE}:`), String(log['stack']));

      const { groups, incidents } = await told<Incidents>(it, 'incidents', '--json');
      assert.equal(groups[0]?.title, `GET /loop ran long: computing in spin (${entry}:${LINE})`);
      assert.equal(incidents[0]?.stack?.frames[0]?.file, entry);

      const report = await told<StackReport>(it, 'trace', ref, '--json');
      assert.equal(report.verdict, 'computing', report.summary);
      // What is called three deep is named in full, each in its own file.
      assert.deepEqual(
        report.frames.slice(0, 4).map(({ function: name, file, origin }) => [name.replace(/^.*\./, ''), file, origin]),
        FUNCTIONS.map((name) => [name, entry, 'user']),
      );
      assert.equal(report.frames[0]?.line, LINE);
      assert.match(String(report.source?.text), /^for \(;;\) value = /);

      const file = join(await temporaryFolder(t, {}), 'loop.cpuprofile');
      const profile = await it.run('profile', ref, '--seconds', '0.5', '-o', file);
      assert.equal(profile.code, 0, profile.stderr);
      assertProfile(JSON.parse(readFileSync(file, 'utf8')) as CpuProfile);

      const top = await it.run('top');
      assert.match(top.stdout, /\bGET \/loop$/m);
      assert.ok(top.stdout.includes(`\nincident GET /loop ran long: computing in spin (${entry}:${LINE})\n`), top.stdout);

      if (mode !== 'thread') await attach(it.socket, ref);
      // Nobody waits for it, and it still loops.
      const after = await until(
        async () => {
          // The worker may not know yet that the inspector was closed.
          const { code, stdout } = await it.run('trace', ref, '--json');
          return code === 0 ? (JSON.parse(stdout) as StackReport) : null;
        },
        { describe: 'a look after the inspector was closed' },
      );
      assert.equal(after.frames[0]?.function, 'spin');
      assert.equal((await get(it.server.url)).status, 200);
    });
  }
}

/** What a command prints as JSON. */
async function told<T>(it: Operated, ...args: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await it.run(...args);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
}

function assertProfile({ nodes, samples }: CpuProfile): void {
  const ids = new Set(
    nodes
      .filter(({ callFrame }) => callFrame.functionName === 'spin' && callFrame.url.endsWith('loops-deep.ts'))
      .map(({ id }) => id),
  );
  const inside = samples.filter((id) => ids.has(id)).length;
  // The first ones are of code in which V8 can not tell the functions apart.
  assert.ok(inside > samples.length / 4, `${inside} of ${samples.length} samples are in spin of loops-deep.ts`);
}

/** Opens the inspector of the worker, sees that it is there, and closes it. */
async function attach(socket: string, ref: string): Promise<void> {
  const child = startCommand(['inspect', ref, '--json', '--socket', socket]);
  let output = '';
  child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  const { webSocketUrl } = await until(() => (output.includes('}') ? (JSON.parse(output) as Inspection) : null), {
    describe: () => `an inspector; stdout has ${output}`,
    withinMs: 60_000,
  });
  const list = `http://${new URL(webSocketUrl).host}/json/list`;
  const [target] = (await get(list)).json() as { webSocketDebuggerUrl: string }[];
  assert.equal(target?.webSocketDebuggerUrl, webSocketUrl);
  child.kill('SIGINT');
  await ended;
}
