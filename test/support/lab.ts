import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { LabMode, LabState, Lane } from '../../src/lab/api.ts';
import { type AdminAnswer, askAdmin } from '../admin/ask-admin.ts';
import { endsWithTest } from './ends-with-test.ts';
import { Family } from './family.ts';
import { Lines } from './lines.ts';
import { bin, root } from './paths.ts';
import { readProcess } from './processes.ts';
import type { Exit } from './test-server.ts';
import { until } from './until.ts';

/** Bound for whatever a lab is waited for, ms: five servers boot at once, on a machine that may be slow. */
const WITHIN_MS = 60_000;

/** A running `prefork lab`; `await using` ends it and fails the test if any process that it started is left. */
export interface TestLab extends AsyncDisposable {
  /** As it was printed. */
  readonly link: string;
  readonly origin: string;
  readonly port: number;
  readonly family: Family;
  readonly stderr: readonly string[];
  signal(signal: NodeJS.Signals): void;
  exited(): Promise<Exit>;
  state(): Promise<LabState>;
  lane(mode: LabMode): Promise<Lane>;
  /** Waits for a lane for which the predicate holds. */
  waitForLane(mode: LabMode, predicate: (lane: Lane) => boolean): Promise<Lane>;
  /** Waits until all servers serve. */
  allServe(): Promise<void>;
  /** With the token. */
  order(path: string, body?: object): Promise<AdminAnswer>;
}

export async function startLab(args: readonly string[] = ['--port', '0']): Promise<TestLab> {
  const mark = { name: 'TEST_SERVER_MARK', value: randomUUID() };
  const child = spawn(process.execPath, [bin, 'lab', ...args], {
    cwd: root,
    // What is meant for servers of the user's own is not to reach those of the lab.
    env: { ...process.env, PORT: 'none', PREFORK_MODE: 'none', [mark.name]: mark.value },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  endsWithTest(child);
  let exit: Exit | undefined;
  child.once('exit', (code, signal) => (exit = { code, signal }));
  const [stdout, stderr] = [new Lines(child.stdout), new Lines(child.stderr)];
  const head = readProcess(child.pid ?? 0);
  if (head === null) throw new Error('the lab could not be spawned');
  const family = new Family(head, `${mark.name}=${mark.value}`);
  const [, link = ''] = await until(() => stdout.all.map((line) => /^lab on (\S+)$/.exec(line)).find((match) => match !== null), {
    describe: () => `the link of the lab; stdout ${stdout.all.join('\n')}; stderr ${stderr.all.join('\n')}`,
    withinMs: WITHIN_MS,
  });
  const { origin, port, hash } = new URL(link);
  const state = async (): Promise<LabState> => (await askAdmin(Number(port), '/api/lab')).json() as LabState;
  const lane = async (mode: LabMode): Promise<Lane> => {
    const found = (await state()).lanes.find((each) => each.mode === mode);
    if (found === undefined) throw new Error(`there is no lane ${mode}`);
    return found;
  };
  const exited = (): Promise<Exit> => until(() => exit, { describe: 'the lab to end', withinMs: WITHIN_MS });
  const lab: TestLab = {
    link,
    origin,
    port: Number(port),
    family,
    stderr: stderr.all,
    signal: (signal) => void child.kill(signal),
    exited,
    state,
    lane,
    waitForLane: (mode, predicate) =>
      until(async () => [await lane(mode)].find(predicate), {
        describe: `a lane ${mode} for which ${predicate.toString()}`,
        withinMs: WITHIN_MS,
      }),
    allServe: async () => {
      await until(async () => (await state()).lanes.every(({ server }) => server.is === 'serving'), {
        describe: 'all servers of the lab to serve',
        withinMs: WITHIN_MS,
      });
    },
    order: (path, body = {}) =>
      askAdmin(Number(port), path, {
        method: 'POST',
        headers: { Authorization: `Bearer ${hash.replace('#token=', '')}` },
        body,
      }),
    async [Symbol.asyncDispose]() {
      if (exit === undefined) child.kill('SIGTERM');
      await exited();
      await family.ended();
    },
  };
  return lab;
}
