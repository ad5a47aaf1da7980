import { performance } from 'node:perf_hooks';
import { clearTimeout, setTimeout } from 'node:timers';
import { decodeFromWatchdog, decodeFromWorker } from '../channel/decode-from-worker.ts';
import type { ProtocolError } from '../channel/frame.ts';
import type { Handed } from '../channel/handed.ts';
import { readJournal } from '../channel/journal.ts';
import { Link } from '../channel/link.ts';
import {
  type BootOptions,
  type FromWatchdog,
  type FromWorker,
  type ObservationAnswer,
  PROTOCOL_VERSION,
  type StartCall,
  type ToWatchdog,
  type ToWorker,
  type Vitals,
} from '../channel/messages.ts';
import { SideWay } from '../channel/side-way.ts';
import type { WorkerName } from '../events/events.ts';
import type { Observation } from '../channel/observation.ts';
import {
  decide,
  describeEnd,
  type Life,
  type LifeEvent,
  type LifeOrder,
  newLife,
  type RawExit,
  wakeAtMs,
} from './decisions/life.ts';
import { MainThread } from './main-thread.ts';
import { CatchingUp } from './catching-up.ts';
import { ObservedMemory } from './observed-memory.ts';
import { type ObservationListener, Observations, type OpenObservation } from './observations.ts';
import type { SpawnedWorker, Spawner } from './spawner.ts';

/** What a watchdog says of its own accord, or about a task. */
export type WatchdogReport = Exclude<FromWatchdog, ObservationAnswer>;

/** What a worker tells its supervisor. */
export interface WorkerListener {
  onLifeChanged(worker: SupervisedWorker, before: Life): void;
  /** It can be told nothing any more. What it has said is still to come, and its end. */
  onClosed(worker: SupervisedWorker): void;
  onMessage(worker: SupervisedWorker, message: FromWorker): void;
  /** Around the messages that arrived together. */
  onBurst?(): void;
  onBurstEnd?(): void;
  onControlMessage(worker: SupervisedWorker, message: WatchdogReport): void;
  onOutput(worker: SupervisedWorker, stream: 'stdout' | 'stderr', line: string): void;
}

/** Time for the last bytes of a dead worker to be read. */
const LAST_BYTES_MS = 1000;
/** Time for a worker that closed its channel to end. */
const CLOSED_GRACE_MS = 1000;

/** Lines of stderr that are remembered: enough for the stack of an error and its causes. */
const MOST_LAST_WORDS = 50;
const LONGEST_LAST_WORD = 1000;
/** What Node says when a process exits while it is looked into. Nobody is to wonder about a debugger that was never there. */
const DEBUGGER_FAREWELL = 'Waiting for the debugger to disconnect...';

/** One living worker: its sockets, and the thin shell that carries out what `decisions/life.ts` decides. */
export class SupervisedWorker {
  readonly id: number;
  /** Of its code: 1 at the start of the server, one more with each reload. */
  readonly generation: number;
  readonly kind: 'process' | 'thread';
  readonly pid: number;
  readonly startedMs: number;
  bootMs: number | undefined;
  vitals: Vitals | undefined;
  lastHeartbeatMs: number;
  /** When its main thread last sent anything. */
  lastWordMs: number;
  cpuPercent = 0;
  #mainThread: MainThread;
  readonly memory = new ObservedMemory();
  /** What it printed to stderr, the newest lines of it. */
  readonly lastWords: string[] = [];
  /** Memory that was taken by a look into its heap and not given back, bytes. */
  observersBytes = 0;
  readonly #spawned: SpawnedWorker;
  readonly #data: Link<FromWorker, ToWorker>;
  readonly #control: Link<FromWatchdog, ToWatchdog>;
  readonly #listener: WorkerListener;
  readonly #observations: Observations;
  readonly #catchingUp = new CatchingUp(() => this.#data.catchUp());
  #life: Life;
  #timer: NodeJS.Timeout | undefined;
  #closeTimer: NodeJS.Timeout | undefined;
  #exit: RawExit | undefined;

  /** @throws PreforkError ERR_SPAWN */
  constructor(id: number, generation: number, spawner: Spawner, bootTimeoutMs: number, listener: WorkerListener) {
    this.id = id;
    this.generation = generation;
    this.#listener = listener;
    this.startedMs = performance.now();
    this.lastHeartbeatMs = this.startedMs;
    this.lastWordMs = this.startedMs;
    this.#life = newLife(this.startedMs, bootTimeoutMs);
    this.#spawned = spawner.spawn({
      onExit: (exit) => this.#onExit(exit),
      onOutput: (stream, line) => {
        if (line === DEBUGGER_FAREWELL && this.#observations.used) return;
        if (stream === 'stderr') this.#remember(line);
        listener.onOutput(this, stream, line);
      },
    });
    this.pid = this.#spawned.pid;
    this.kind = this.#spawned.kind;
    this.#mainThread = new MainThread(this.kind === 'process' ? this.#spawned : { ...this.#spawned, pid: 0 });
    this.#data = new Link(this.#spawned.data, decodeFromWorker, {
      onMessage: (message) => listener.onMessage(this, message),
      onBurst: () => {
        // Once for all of them: of many brief calls it would be felt.
        this.lastWordMs = performance.now();
        listener.onBurst?.();
      },
      onBurstEnd: () => listener.onBurstEnd?.(),
      onBegun: (task) => listener.onMessage(this, { type: 'TaskStarted', task }),
      onClose: (error) => this.#onDataClosed(error),
    });
    this.#control = new Link(this.#spawned.control, decodeFromWatchdog, {
      onMessage: (message) => {
        if (message.type === 'Observed' || message.type === 'ObservationEnded') this.#onAnswer(message);
        else listener.onControlMessage(this, message);
      },
      onClose: (error) => {
        this.#observations.close(
          this.#life.phase === 'killing' ? `it is being ended (${this.#life.reason})` : 'it has just ended',
        );
        if (error !== undefined) this.apply({ type: 'kill', reason: 'protocol', ladder: { termMs: 0 } });
      },
    });
    const observe = this.#spawned.observe?.((answer) => this.#onAnswer(answer));
    this.#observations = new Observations(observe ?? ((order) => this.#control.send(order)));
    this.#armTimer();
  }

  /** Of a thread the system tells something as soon as it is ready. */
  get mainThread(): MainThread {
    return this.#mainThread;
  }

  /** @param thread what the system calls it, where it is a thread and the system does */
  know(thread: number): void {
    if (this.kind === 'thread') this.#mainThread = new MainThread({ kind: 'thread', pid: thread, isGroup: false });
  }

  get life(): Life {
    return this.#life;
  }

  /** Only of a thread. */
  get handed(): Handed | undefined {
    return this.#data.handed;
  }

  get name(): WorkerName {
    return { worker: this.id, pid: this.pid };
  }

  #remember(line: string): void {
    this.lastWords.push(line.slice(0, LONGEST_LAST_WORD));
    if (this.lastWords.length > MOST_LAST_WORDS) this.lastWords.shift();
  }

  boot(options: Omit<BootOptions, 'protocol' | 'sharesMemory'>): void {
    const { memory, journal } = this.#spawned;
    this.send({ type: 'Boot', options: { protocol: PROTOCOL_VERSION, sharesMemory: memory !== undefined, ...options } });
    if (memory !== undefined) this.#data.share(new SideWay(memory, 'primary'));
    if (journal !== undefined) this.#data.follow((received) => readJournal(journal, received));
  }

  /** Takes what it has said and not sent, now and in the next moments: it may have many tasks at hand, and compute. */
  catchUp(): void {
    if (this.#spawned.journal !== undefined) this.#catchingUp.begin();
  }

  /** Whether it keeps what it says before it sends that. */
  get keepsWords(): boolean {
    return this.#spawned.journal !== undefined;
  }

  /** The same once. */
  lookIn(): void {
    this.#data.catchUp();
  }

  /** Takes a task back that was not begun. `TaskRevoked` or `TaskKept` comes for it, whatever the main thread does. */
  revoke(task: number, slot: number): void {
    const { claims } = this.#spawned;
    if (claims === undefined) this.#control.send({ type: 'RevokeTask', task, slot });
    else this.#listener.onControlMessage(this, { type: claims.revoke(slot, task) ? 'TaskRevoked' : 'TaskKept', task, slot });
  }

  /**
   * Looks into its main thread, whatever that does. It goes on as before afterwards.
   *
   * @param observation what is wanted; the answer comes in pieces
   */
  observe(observation: Observation, listener: ObservationListener): OpenObservation {
    if (observation.what === 'heap') this.memory.begin(this.vitals?.rssBytes ?? 0);
    return this.#observations.open(observation, listener);
  }

  /** What of its memory counts as the handler's, bytes. To be told each measurement once. */
  handlerBytes(rssBytes: number): number {
    return this.memory.measure(rssBytes, this.#observations.isOpen('heap'));
  }

  #onAnswer(answer: ObservationAnswer): void {
    if (!this.#observations.receive(answer)) this.apply({ type: 'kill', reason: 'protocol', ladder: { termMs: 0 } });
  }

  send(message: ToWorker): void {
    this.#data.send(message);
  }

  /** Hands what was said in this turn of the program to the system now. */
  flush(): void {
    this.#data.flush();
  }

  /** False while more bytes wait for it than should. */
  get hasRoom(): boolean {
    return this.#data.hasRoom;
  }

  /** Calls back when the system has what it was sent so far, and not at all when it is gone. */
  whenTaken(callback: () => void): void {
    this.#data.whenTaken(callback);
  }

  /** As `Link.sendLarge`. */
  sendLarge(message: StartCall, pieces: readonly Uint8Array[], byteLength: number): boolean {
    return this.#data.sendLarge(message, pieces, byteLength);
  }

  apply(event: LifeEvent): void {
    const before = this.#life;
    const { life, orders } = decide(before, event, performance.now());
    this.#life = life;
    for (const order of orders) this.#carryOut(order);
    this.#armTimer();
    if (life.phase !== before.phase) this.#listener.onLifeChanged(this, before);
  }

  #carryOut(order: LifeOrder): void {
    switch (order) {
      case 'sendDrain':
        this.send({ type: 'Drain', isReplaced: this.#life.phase === 'draining' && this.#life.reason !== 'shutdown' });
        return;
      case 'sendTerm':
        this.#spawned.signal('SIGTERM');
        return;
      case 'sendKill':
        this.#spawned.signal('SIGKILL');
        return;
    }
  }

  /** The last answers of a worker may still be on their way when the system reports its end: first read, then bury. */
  #onExit(exit: RawExit): void {
    this.#exit = exit;
    clearTimeout(this.#closeTimer);
    this.#listener.onClosed(this);
    if (this.#data.isClosed) this.#bury(exit);
    else this.#closeTimer = setTimeout(() => this.#bury(exit), LAST_BYTES_MS);
  }

  #onDataClosed(error: ProtocolError | undefined): void {
    if (error !== undefined) this.apply({ type: 'kill', reason: 'protocol', ladder: { termMs: 0 } });
    clearTimeout(this.#closeTimer);
    this.#listener.onClosed(this);
    if (this.#exit !== undefined) this.#bury(this.#exit);
    // A worker that closed its channel is about to end. One that does not is of no use.
    else
      this.#closeTimer = setTimeout(
        () => this.apply({ type: 'kill', reason: 'protocol', ladder: { termMs: 0 } }),
        CLOSED_GRACE_MS,
      );
  }

  #bury(exit: RawExit): void {
    clearTimeout(this.#closeTimer);
    this.#catchingUp.end();
    this.#data.catchUp();
    this.#data.destroy();
    this.#control.destroy();
    this.#spawned.memory?.close();
    this.apply({ type: 'exited', exit });
    this.#observations.close(this.#life.phase === 'gone' ? `it ended: ${describeEnd(this.#life.end)}` : 'it ended');
  }

  #armTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const at = wakeAtMs(this.#life);
    if (at === undefined) return;
    // As long as the worker is there, it keeps the process alive by itself, if that is wanted.
    this.#timer = setTimeout(() => this.apply({ type: 'clockTicked' }), Math.max(0, Math.ceil(at - performance.now()))).unref();
  }
}
