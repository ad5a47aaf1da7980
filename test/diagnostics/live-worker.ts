import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { FromWorker } from '../../src/channel/messages.ts';
import { prepareEntry } from '../../src/compile/prepare.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { CLUSTER_SETTINGS } from '../../src/modes/cluster-settings.ts';
import type { WorkerEnd } from '../../src/supervisor/decisions/life.ts';
import { ClusterSpawner } from '../../src/supervisor/spawn-cluster.ts';
import { ProcessSpawner } from '../../src/supervisor/spawn-process.ts';
import { ThreadSpawner } from '../../src/supervisor/spawn-thread.ts';
import type { Spawner } from '../../src/supervisor/spawner.ts';
import { SupervisedWorker, type WatchdogReport } from '../../src/supervisor/supervised-worker.ts';
import { get } from '../support/http.ts';
import { handler } from '../support/paths.ts';
import { until } from '../support/until.ts';

export const MODES = ['fork', 'pool', 'cluster', 'thread'] as const;
export type WorkerMode = (typeof MODES)[number];

const CLUSTER_ENTRY = fileURLToPath(new URL('../../src/modes/cluster-worker.js', import.meta.url));
/** A machine that is busy with other tests takes its time. */
const PATIENT = { withinMs: 60_000 };

/** One worker of any mode, with nobody around it who would end it. */
export class LiveWorker implements AsyncDisposable {
  readonly worker: SupervisedWorker;
  readonly messages: FromWorker[] = [];
  readonly reports: WatchdogReport[] = [];
  readonly output: string[] = [];
  end: WorkerEnd | undefined;
  readonly #spawner: Spawner;
  readonly #port: number;
  readonly #pending: Promise<unknown>[] = [];
  #tasks = 0;

  private constructor(spawner: Spawner, port: number) {
    this.#spawner = spawner;
    this.#port = port;
    this.worker = new SupervisedWorker(1, 1, spawner, 60_000, {
      onClosed: () => undefined,
      onLifeChanged: (worker) => {
        if (worker.life.phase === 'gone') this.end = worker.life.end;
      },
      onMessage: (worker, message) => {
        this.messages.push(message);
        if (message.type === 'Ready') worker.apply({ type: 'booted' });
      },
      onControlMessage: (_worker, message) => void this.reports.push(message),
      onOutput: (_worker, _stream, line) => void this.output.push(line),
    });
  }

  static async start(mode: WorkerMode, entry = handler('hangs.ts')): Promise<LiveWorker> {
    const { manifest } = await prepareEntry(entry);
    const port = mode === 'cluster' ? await freePort() : 0;
    const live = new LiveWorker(await spawnerFor(mode, entry, port), port);
    live.worker.boot({ entry, typescript: manifest, taskLimit: mode === 'fork' ? 1 : 0, concurrency: 1, functions: null });
    await until(() => live.find('Ready'), { describe: () => `the worker to boot: ${live.output.join('\n')}`, ...PATIENT });
    return live;
  }

  /** Has it begin a task; `loops` waits until its event loop is known to turn no more, as far as that can be seen from here. */
  begin(url: string): number {
    this.#tasks += 1;
    const task = this.#tasks;
    if (this.#port === 0) {
      this.worker.send({ type: 'StartTask', task, slot: task, ahead: false, head: headFor(url) });
    } else {
      const answer = get(`http://127.0.0.1:${this.#port}${url}`).then(
        ({ body }) => {
          this.messages.push({ type: 'Body', task, bytes: body }, { type: 'TaskFinished', task, micros: 0 });
        },
        () => undefined,
      );
      this.#pending.push(answer);
    }
    return task;
  }

  /** The JSON with which a task was answered. */
  async answer(task: number): Promise<{ readonly found: unknown }> {
    await until(() => this.messages.some((message) => message.type === 'TaskFinished' && message.task === task), {
      describe: () => `task ${task} to end: ${JSON.stringify(this.messages)}`,
      ...PATIENT,
    });
    const bytes = this.messages.flatMap((message) =>
      (message.type === 'Body' || message.type === 'Answered') && message.task === task ? [message.bytes] : [],
    );
    return JSON.parse(Buffer.concat(bytes).toString()) as { found: unknown };
  }

  find<T extends FromWorker['type']>(type: T): Extract<FromWorker, { type: T }> | undefined {
    return this.messages.find((message): message is Extract<FromWorker, { type: T }> => message.type === type);
  }

  kill(): void {
    this.worker.apply({ type: 'kill', reason: 'shutdown', ladder: { termMs: 0 } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await until(() => this.end !== undefined, { describe: 'the worker to end', ...PATIENT });
    this.#spawner.close();
    await Promise.all(this.#pending);
  }
}

async function spawnerFor(mode: WorkerMode, entry: string, port: number): Promise<Spawner> {
  if (mode === 'thread') return new ThreadSpawner(0);
  if (mode !== 'cluster') return new ProcessSpawner();
  const { settings } = await resolveSettings({ options: { entry, mode, port, deadline: '10m' }, env: {} });
  return new ClusterSpawner(CLUSTER_ENTRY, { [CLUSTER_SETTINGS]: JSON.stringify(settings) });
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function headFor(url: string) {
  return {
    method: 'GET',
    url,
    httpVersion: '1.1',
    headers: ['host', 'localhost'],
    hasBody: false,
    isTunnel: false,
    encrypted: false,
    remoteAddress: '127.0.0.1',
    remotePort: 40_000,
    localAddress: '127.0.0.1',
    localPort: 5000,
  } as const;
}
