/** What the primary knows of tasks beside the scheduler: `src/modes/task-desk.ts` without the exchanges. It decides nothing. */
import type { TaskFacts } from '../../src/scheduler/types.ts';
import type { Script, Sending } from '../machine/messages.ts';
import type { WorkerProcess } from '../machine/worker-process.ts';

/** A task as its client hands it in. */
export interface Order {
  readonly task: number;
  readonly facts: TaskFacts;
  readonly script: Script;
}

interface SentTask {
  readonly order: Order;
  readonly process: WorkerProcess;
  readonly sending: Sending;
  begun: boolean;
  /** How long its process had waited for a CPU when the task began. */
  waitedBeforeMs: number;
  abandoned: boolean;
}

export class TaskDesk {
  readonly #waiting = new Map<number, Order>();
  readonly #sent = new Map<number, SentTask>();
  readonly #connections = new Map<number, number>();

  get size(): number {
    return this.#waiting.size + this.#sent.size;
  }

  add(order: Order): void {
    this.#waiting.set(order.task, order);
  }

  /** @returns whether it waited */
  take(task: number): boolean {
    return this.#waiting.delete(task);
  }

  abandon(task: number): void {
    this.#waiting.delete(task);
    const sent = this.#sent.get(task);
    if (sent !== undefined) sent.abandoned = true;
  }

  /** @returns whether anybody waits for it still */
  send(task: number, process: WorkerProcess, ahead: boolean): boolean {
    const order = this.#waiting.get(task);
    if (order === undefined) return false;
    this.#waiting.delete(task);
    const sending: Sending = { task, worker: process.id, ahead, script: order.script, claim: 'open' };
    const sent = { order, process, sending, begun: !ahead, waitedBeforeMs: process.waitedMs, abandoned: false };
    this.#sent.set(task, sent);
    this.#count(sent, 1);
    process.send({ type: 'StartTask', sending });
    return true;
  }

  isWaiting(task: number): boolean {
    return this.#waiting.has(task);
  }

  isSent(task: number): boolean {
    return this.#sent.has(task);
  }

  /** The worker began what it was sent ahead. @returns `wrong` when that can not be, and `known` when it is no news */
  begin(sending: Sending): 'begun' | 'known' | 'wrong' {
    const sent = this.#find(sending);
    if (sent === undefined) return 'wrong';
    if (sent.begun) return 'known';
    sent.begun = true;
    sent.waitedBeforeMs = sent.process.waitedMs;
    return 'begun';
  }

  /** @returns whether the word is about a task that this worker has; else it is late, and means nothing */
  has(sending: Sending): boolean {
    return this.#find(sending) !== undefined;
  }

  end(sending: Sending): void {
    this.#drop(sending.task);
  }

  askBack(task: number): void {
    const sent = this.#sent.get(task);
    sent?.process.revoke(sent.sending);
  }

  /** The process that has the task. */
  processOf(task: number): WorkerProcess | undefined {
    return this.#sent.get(task)?.process;
  }

  /** How long the task has waited for a CPU, ms. */
  waitedMs(task: number): number {
    const sent = this.#sent.get(task);
    return sent === undefined ? 0 : sent.process.waitedMs - sent.waitedBeforeMs;
  }

  /** @returns whether the task is back. It waits again, in here */
  takeBack(sending: Sending): boolean {
    if (this.#find(sending) === undefined) return false;
    this.putBack(sending.task);
    return true;
  }

  putBack(task: number): void {
    const sent = this.#drop(task);
    if (sent === undefined) return;
    if (!sent.abandoned) this.#waiting.set(task, sent.order);
  }

  lose(task: number): void {
    this.#drop(task);
  }

  cancel(task: number): void {
    const sent = this.#sent.get(task);
    sent?.process.send({ type: 'CancelTask', sending: sent.sending });
  }

  isConnection(task: number): boolean {
    return this.#sent.get(task)?.order.facts.isConnection === true;
  }

  /** Whether a worker holds connections. */
  holdsConnections(worker: number): boolean {
    return (this.#connections.get(worker) ?? 0) > 0;
  }

  #count({ order, process }: SentTask, change: 1 | -1): void {
    if (order.facts.isConnection === true) this.#connections.set(process.id, (this.#connections.get(process.id) ?? 0) + change);
  }

  #drop(task: number): SentTask | undefined {
    const sent = this.#sent.get(task);
    if (sent === undefined) return undefined;
    this.#sent.delete(task);
    this.#count(sent, -1);
    return sent;
  }

  #find(sending: Sending): SentTask | undefined {
    const sent = this.#sent.get(sending.task);
    return sent?.sending === sending ? sent : undefined;
  }
}
