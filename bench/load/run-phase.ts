import { Agent } from 'node:http';
import { Worker } from 'node:worker_threads';
import { nowMs } from '../now.ts';
import { ask, type Outcome } from './ask.ts';
import type { Pace } from './pacer.ts';
import { plannedCount, plannedMs } from './pacing.ts';
import { ANSWER_LIMIT_MS, SHORT_NUMBERS, type Phase, type PhaseResult } from './phases.ts';

const SENT_LATE_MS = 5;
/** The thread needs a moment to start; the first request must not be late for that. */
const PACER_START_MS = 100;

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
    const number = SHORT_NUMBERS[this.#sent % SHORT_NUMBERS.length] ?? SHORT_NUMBERS[0];
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

/** Open loop: what is not answered yet holds up nothing. */
async function sendAtRate(sender: Sender, { ratePerSecond, seconds }: Phase): Promise<void> {
  const pace: Pace = { startMs: nowMs() + PACER_START_MS, count: plannedCount(ratePerSecond, seconds), ratePerSecond };
  const answers: Promise<void>[] = [];
  const pacer = new Worker(new URL('pacer.js', import.meta.url), { workerData: pace });
  pacer.on('message', (index: number) => answers.push(sender.send(plannedMs(pace.startMs, index, ratePerSecond))));
  await new Promise((resolve, reject) => pacer.once('exit', resolve).once('error', reject));
  await Promise.all(answers);
}

/** Closed loop: the next one is sent when the last one has become something. */
async function sendInTurn(sender: Sender, { seconds, most }: Phase): Promise<void> {
  const untilMs = nowMs() + seconds * 1000;
  const isOver = (): boolean => nowMs() >= untilMs || (most !== null && sender.sent >= most);
  while (!isOver()) await sender.send(nowMs());
}
