import { Agent } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { nowMs } from '../now.ts';
import { ask, type Outcome } from './ask.ts';
import { plannedCount, plannedMs } from './pacing.ts';
import { ANSWER_LIMIT_MS, SHORT_NUMBERS, type Phase, type PhaseResult } from './phases.ts';

const SENT_LATE_MS = 5;

/** Sends the short requests of one phase and collects what became of each. */
export async function runPhase(port: number, phase: Phase): Promise<PhaseResult> {
  const sender = new Sender(port, phase);
  switch (phase.arrival) {
    case 'fixedRate':
      await sendAtRate(sender, phase);
      break;
    case 'oneByOne':
      await sendInTurn(sender, phase);
      break;
    case 'saturating':
      await Promise.all(Array.from({ length: phase.concurrency }, () => sendInTurn(sender, phase)));
      break;
  }
  return sender.end();
}

class Sender {
  readonly #port: number;
  readonly #phase: Phase;
  readonly #agent: Agent | false;
  readonly #latenciesMs: number[] = [];
  readonly #failed: Record<string, number> = {};
  #sent = 0;
  #late = 0;
  #sentLate = 0;

  constructor(port: number, phase: Phase) {
    this.#port = port;
    this.#phase = phase;
    this.#agent = phase.connections === 'kept' ? new Agent({ keepAlive: true }) : false;
  }

  get sent(): number {
    return this.#sent;
  }

  async send(sinceMs: number): Promise<void> {
    const numbers = this.#phase.numbers ?? SHORT_NUMBERS;
    const number = numbers[this.#sent % numbers.length] ?? SHORT_NUMBERS[0];
    this.#sent += 1;
    if (nowMs() - sinceMs > SENT_LATE_MS) this.#sentLate += 1;
    this.#note(await ask({ port: this.#port, number, agent: this.#agent, limitMs: ANSWER_LIMIT_MS, sinceMs }));
  }

  end(): PhaseResult {
    if (this.#agent !== false) this.#agent.destroy();
    return {
      arrival: this.#phase.arrival,
      connections: this.#phase.connections,
      sent: this.#sent,
      latenciesMs: this.#latenciesMs,
      late: this.#late,
      failed: this.#failed,
      sentLate: this.#sentLate,
    };
  }

  #note(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'answered':
        this.#latenciesMs.push(outcome.latencyMs);
        break;
      case 'late':
        this.#late += 1;
        break;
      case 'failed':
        this.#failed[outcome.why] = (this.#failed[outcome.why] ?? 0) + 1;
        break;
    }
  }
}

/**
 * Open loop: what is not answered yet holds up nothing. A timer may be early by a fraction of a millisecond, and what is sent early
 * counts from there; what is sent late counts from when it was to be sent.
 */
async function sendAtRate(sender: Sender, { ratePerSecond, seconds }: Phase): Promise<void> {
  const startMs = nowMs();
  const answers: Promise<void>[] = [];
  for (let index = 0; index < plannedCount(ratePerSecond, seconds); index += 1) {
    const dueMs = plannedMs(startMs, index, ratePerSecond);
    const restMs = dueMs - nowMs();
    if (restMs > 0) await wait(restMs);
    answers.push(sender.send(Math.min(dueMs, nowMs())));
  }
  await Promise.all(answers);
}

/** Closed loop: the next one is sent when the last one has become something. */
async function sendInTurn(sender: Sender, { seconds, most }: Phase): Promise<void> {
  const untilMs = nowMs() + seconds * 1000;
  const isOver = (): boolean => nowMs() >= untilMs || (most !== null && sender.sent >= most);
  while (!isOver()) await sender.send(nowMs());
}
