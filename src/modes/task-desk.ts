/**
 * The exchanges behind the task ids of the scheduler: which wait, which were sent to a worker, and what was agreed with it. It
 * decides nothing.
 */
import { performance } from 'node:perf_hooks';
import { PreforkError } from '../errors/prefork-error.ts';
import { publish } from '../events/events.ts';
import { ChannelExchange, type TaskMessage, type TaskOutcome } from '../http/channel-exchange.ts';
import { ChannelTunnel } from '../http/channel-tunnel.ts';
import type { Exchange } from '../http/exchange.ts';
import type { SupervisedWorker } from '../supervisor/supervised-worker.ts';
import type { RevokeAnswer } from '../supervisor/supervisor.ts';
import type { TaskInfo } from '../admin/api.ts';
import { IdMap } from '../scheduler/id-map.ts';
import { ClaimSlots } from './claim-slots.ts';
import { HeldTasks } from './held-tasks.ts';
import { LookIn } from './look-in.ts';
import { workerLost } from './task-errors.ts';
import { taskInfo } from './worker-info.ts';

const MICROS = 1000;

export interface SentTask {
  readonly worker: SupervisedWorker;
  readonly slot: number;
  readonly channel: ChannelExchange | ChannelTunnel;
  /** The worker runs it, as far as we know. */
  begun: boolean;
  /** Nobody waits for it any more. */
  abandoned: boolean;
  /** When it was demoted, if it was. */
  demotedMs: number | undefined;
  /** CPU time of the worker as of its last heartbeat before the task began. */
  cpuMicrosAtStart: number | undefined;
  /** Id of the record of how it was ended or lost. */
  incident: string | undefined;
}

export class TaskDesk {
  readonly #waiting = new IdMap<Exchange>();
  readonly #sent = new IdMap<SentTask>();
  readonly #held = new WeakMap<SupervisedWorker, HeldTasks>();
  readonly #lookIn = new LookIn((worker) => worker.life.phase !== 'gone' && this.#heldBy(worker).running > 0);

  /** Tasks that run on although their client is gone. */
  get clientlessCount(): number {
    return [...this.#sent.values()].filter(
      ({ channel: { exchange }, begun }) => begun && exchange.response.closed && exchange.connection === undefined,
    ).length;
  }

  /** The tasks that workers run, as far as we know, but for connections: they last. */
  running(): readonly SentTask[] {
    return [...this.#sent.values()].filter(({ begun, channel }) => begun && channel.exchange.connection === undefined);
  }

  sentTask(task: number): SentTask | undefined {
    return this.#sent.get(task);
  }

  add(exchange: Exchange): void {
    this.#waiting.set(exchange.id, exchange);
  }

  /** Takes a waiting exchange out, to answer or to forget it. */
  take(task: number): Exchange | undefined {
    const exchange = this.#waiting.get(task);
    this.#waiting.delete(task);
    return exchange;
  }

  /** Nobody waits for the task any more. */
  abandon(task: number): void {
    this.#waiting.delete(task);
    const sent = this.#sent.get(task);
    if (sent === undefined) return;
    sent.abandoned = true;
    sent.channel.stopBody();
  }

  stopBody(task: number): void {
    this.#sent.get(task)?.channel.stopBody();
  }

  isWaiting(task: number): boolean {
    return this.#waiting.get(task) !== undefined;
  }

  isBegun(task: number): boolean {
    return this.#sent.get(task)?.begun === true;
  }

  /** Whether it is a connection that a worker holds. */
  isConnection(task: number): boolean {
    return this.exchangeOf(task)?.connection !== undefined;
  }

  holdsConnections(worker: SupervisedWorker): boolean {
    return this.#heldBy(worker).connections > 0;
  }

  /** Where a task was sent. */
  workerOf(task: number): SupervisedWorker | undefined {
    return this.#sent.get(task)?.worker;
  }

  /** The exchange of a task that was sent. */
  exchangeOf(task: number): Exchange | undefined {
    return this.#sent.get(task)?.channel.exchange;
  }

  /** @returns `clientGone` when nobody waits for it any more, `noSlot` when the worker leaves too many questions unanswered */
  send(task: number, worker: SupervisedWorker, ahead: boolean): 'sent' | 'clientGone' | 'noSlot' {
    const exchange = this.#waiting.get(task);
    if (exchange === undefined) return 'clientGone';
    const slot = ClaimSlots.of(worker).take();
    if (slot === undefined) return 'noSlot';
    this.#waiting.delete(task);
    const { connection } = exchange;
    const channel =
      connection === undefined
        ? new ChannelExchange(exchange, (message) => worker.send(message))
        : new ChannelTunnel(exchange, connection, worker);
    const sent: SentTask = {
      worker,
      slot,
      channel,
      begun: false,
      abandoned: false,
      demotedMs: undefined,
      cpuMicrosAtStart: undefined,
      incident: undefined,
    };
    this.#sent.set(task, sent);
    channel.send(slot, ahead);
    if (!ahead) this.#begin(sent, task);
    this.#lookIn.begin(worker);
    return 'sent';
  }

  /** The worker began what it was sent ahead. @returns `wrong` when that can not be, and `known` when it is no news */
  begin(task: number, worker: SupervisedWorker): 'begun' | 'known' | 'wrong' {
    const sent = this.#sent.get(task);
    if (sent?.worker !== worker) return 'wrong';
    if (sent.begun) return 'known';
    this.#begin(sent, task);
    return 'begun';
  }

  /** @returns undefined for a late word about a task that is over, or about one that this worker never had */
  receive(worker: SupervisedWorker, message: TaskMessage): TaskOutcome | undefined {
    const sent = this.#sent.get(message.task);
    if (sent?.worker !== worker) return undefined;
    // It says something about it before it has said that it began.
    if (!sent.begun) this.#begin(sent, message.task, 'ranMicros' in message ? message.ranMicros / MICROS : 0);
    const outcome = sent.channel.receive(message);
    if (outcome === 'ended') {
      this.#sent.delete(message.task);
      const held = this.#heldBy(worker);
      ClaimSlots.of(sent.worker).over(sent.slot);
      held.end(message.task);
    }
    return outcome;
  }

  /** Asks the worker of a task to give it back. */
  askBack(task: number): void {
    // It may be over, or begun, and the word of it still be with a worker that computes.
    this.#sent.get(task)?.worker.catchUp();
    const sent = this.#sent.get(task);
    if (sent === undefined) return;
    ClaimSlots.of(sent.worker).ask(sent.slot);
    sent.worker.revoke(task, sent.slot);
  }

  /**
   * @returns `back` for a task that waits again, in here; `begun` for one that its worker had begun, of which it may say so only when it has computed
   * for long; undefined when neither is news
   */
  takeAnswer(worker: SupervisedWorker, { type, task, slot }: RevokeAnswer): 'back' | 'begun' | undefined {
    if (!ClaimSlots.of(worker).answer(slot)) return undefined;
    if (type === 'TaskRevoked') return this.#takeBack(worker, task, slot) ? 'back' : undefined;
    const sent = this.#sent.get(task);
    return sent?.slot === slot && this.begin(task, worker) === 'begun' ? 'begun' : undefined;
  }

  /** The main thread came across a task that was taken back. @returns whether that is news: the answer may be on its way */
  skip(worker: SupervisedWorker, { task, slot }: { readonly task: number; readonly slot: number }): boolean {
    ClaimSlots.of(worker).over(slot);
    return this.#takeBack(worker, task, slot);
  }

  #takeBack(worker: SupervisedWorker, task: number, slot: number): boolean {
    const sent = this.#sent.get(task);
    if (sent?.worker !== worker || sent.slot !== slot) return false;
    this.putBack(task);
    return true;
  }

  /** It was sent, and waits again: the next worker gets it as the first one did. */
  putBack(task: number): void {
    const sent = this.#sent.get(task);
    if (sent === undefined) return;
    this.#sent.delete(task);
    this.#heldBy(sent.worker).drop(task);
    if (!sent.abandoned) this.#waiting.set(task, sent.channel.exchange);
  }

  /** Its worker is gone. @param incident id of the incident that tells more */
  lose(task: number, incident: string | undefined): void {
    const sent = this.#sent.get(task);
    this.#sent.delete(task);
    sent?.channel.exchange.fail(workerLost(sent.worker.life, incident));
    // One that there was no slot for never left.
    this.take(task)?.fail(
      new PreforkError('ERR_WORKER_DIED', 'the worker did not answer, and was ended before it began the task'),
    );
  }

  /** @returns false when it runs no more */
  demote(task: number): boolean {
    const sent = this.#sent.get(task);
    if (sent === undefined) return false;
    sent.demotedMs = performance.now();
    this.publish('task:demoted', task);
    return true;
  }

  /** Nothing is sent any more. */
  close(): void {
    this.#lookIn.close();
  }

  cancel(task: number): void {
    this.#sent.get(task)?.worker.send({ type: 'CancelTask', task });
  }

  publish(type: 'task:demoted' | 'task:requeued' | 'task:overstays' | 'task:revoked' | 'task:retried', task: number): void {
    const sent = this.#sent.get(task);
    if (sent !== undefined) publish({ type, task, ...sent.worker.name });
  }

  /** What is known of a worker's tasks, for those who look on. */
  loadOf(worker: SupervisedWorker): { readonly served: number; readonly running: number; readonly oldest: number | undefined } {
    return this.#heldBy(worker);
  }

  /** A task that a worker has begun, for those who look on. */
  infoOf(task: number): TaskInfo | null {
    const exchange = this.exchangeOf(task);
    if (exchange?.startedMs === undefined) return null;
    const { method = '', url = '' } = exchange.request;
    return taskInfo(task, method, url, exchange.startedMs);
  }

  #begin(sent: SentTask, task: number, agoMs = 0): void {
    sent.begun = true;
    sent.worker.mainThread.begin(performance.now());
    sent.cpuMicrosAtStart = sent.worker.vitals?.cpuMicros;
    this.#heldBy(sent.worker).begin(task, sent.channel.exchange.connection !== undefined);
    sent.channel.exchange.start(sent.worker.pid, agoMs);
    sent.channel.begin();
  }

  #heldBy(worker: SupervisedWorker): HeldTasks {
    const known = this.#held.get(worker);
    if (known !== undefined) return known;
    const held = new HeldTasks();
    this.#held.set(worker, held);
    return held;
  }
}
