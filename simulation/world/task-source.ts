/**
 * The tasks that clients ask for. What is the same about those of one key is how long they run:
 *
 * - `tiny`: a few hundredths of a ms, and one of two thousand long
 * - `brief`: up to a few ms; `short`: within a usual quantum; `long`: heavy-tailed, up to many quanta
 * - `report`: always longer than the quantum, so that its key is known for that
 * - `mixed`: one path that serves all sizes, mostly small ones
 * - `turning`: all brief for a while, then all long, and back
 * - `waiting`: hardly computes, and waits for something in between
 *
 * Beside them there are connections that a worker holds: they hardly compute, and last as long as they like.
 */
import type { TaskFacts } from '../../src/scheduler/types.ts';
import type { Random } from '../kernel/random.ts';
import type { Script, Step } from '../machine/messages.ts';
import type { Faults, TaskKind, Traffic } from './scenario.ts';

const TURN_EVERY_MS = 20_000;
const SAMPLES = 500;

export class TaskSource {
  readonly #random: Random;
  readonly #retries: Random;
  readonly #tunnels: Random;
  readonly #traffic: Traffic;
  readonly #faults: Faults;
  readonly #totalWeight: number;

  constructor(random: Random, traffic: Traffic, faults: Faults) {
    this.#random = random;
    this.#retries = random.stream('retries');
    this.#tunnels = random.stream('tunnels');
    this.#traffic = traffic;
    this.#faults = faults;
    this.#totalWeight = traffic.kinds.reduce((sum, { weight }) => sum + weight, 0);
  }

  next(nowMs: number): { facts: TaskFacts; script: Script } {
    const random = this.#random;
    const { clients, restartable, withBody } = this.#traffic;
    const kind = this.#kind();
    const client = random.below(clients);
    const facts: TaskFacts = {
      key: kind,
      client: `client ${client}`,
      weight: 1 + (client % 3),
      priority: random.chance(0.1) ? random.below(21) - 10 : 0,
      restartable: random.chance(restartable),
      hasBody: random.chance(withBody),
      ...(this.#retries.chance(0.1) ? { retries: this.#retries.below(4) } : {}),
    };
    return { facts, script: this.#script(kind === 'report' ? [this.#report()] : steps(kind, random, nowMs)) };
  }

  /** One that a worker is to hold. */
  nextTunnel(): { facts: TaskFacts; script: Script } {
    const random = this.#tunnels;
    const facts: TaskFacts = {
      key: 'tunnel',
      client: `client ${random.below(this.#traffic.clients)}`,
      weight: 1,
      priority: 0,
      restartable: false,
      hasBody: false,
      isConnection: true,
    };
    const talk = Array.from({ length: 1 + random.below(4) }, () => [
      wait(random.boundedPareto(0.8, 1, 20_000)),
      // Now and then a message costs more than all others together.
      compute(random.chance(0.01) ? random.boundedPareto(1.1, 60, 5000) : random.between(0.01, 1)),
    ]);
    const crashes = random.chance(this.#faults.taskCrashes);
    const script: Script = {
      steps: talk.flat(),
      commitAfter: undefined,
      crashAfter: crashes ? random.below(2 * talk.length) : undefined,
      heedsCancel: true,
      isTunnel: true,
      leftover: undefined,
    };
    return { facts, script };
  }

  /** Mean CPU time and mean run time of a task, ms: as a sample says, which is the same for every draw of the tasks themselves. */
  means(): { computeMs: number; runMs: number } {
    const sample = new TaskSource(this.#random.stream('sample'), this.#traffic, this.#faults);
    let [computeMs, runMs] = [0, 0];
    for (let index = 0; index < SAMPLES; index += 1) {
      for (const step of sample.next((index * TURN_EVERY_MS) / 10).script.steps) {
        runMs += step.ms / SAMPLES;
        if (step.kind === 'compute') computeMs += step.ms / SAMPLES;
      }
    }
    return { computeMs, runMs };
  }

  #kind(): TaskKind {
    let left = this.#random.between(0, this.#totalWeight);
    for (const { kind, weight } of this.#traffic.kinds) {
      left -= weight;
      if (left < 0) return kind;
    }
    return 'brief';
  }

  #report(): Step {
    const { reportMs } = this.#traffic;
    return compute(this.#random.boundedPareto(1.1, reportMs, 20 * reportMs));
  }

  #script(all: readonly Step[]): Script {
    const random = this.#random;
    const { committedEarly, heedsCancel } = this.#traffic;
    const { taskCrashes, taskGoesOn } = this.#faults;
    const leftover = { afterMs: random.chance(0.5) ? 0 : random.between(0, 30), computeMs: random.boundedPareto(1.2, 5, 3000) };
    return {
      steps: all,
      commitAfter: random.chance(committedEarly) ? random.below(all.length) : undefined,
      crashAfter: random.chance(taskCrashes) ? random.below(all.length) : undefined,
      heedsCancel: random.chance(heedsCancel),
      leftover: random.chance(taskGoesOn) ? leftover : undefined,
    };
  }
}

function steps(kind: Exclude<TaskKind, 'report'>, random: Random, nowMs: number): readonly Step[] {
  switch (kind) {
    case 'tiny':
      return random.chance(0.0005) ? steps('long', random, nowMs) : [compute(random.between(0.005, 0.05))];
    case 'brief':
      return [compute(random.boundedPareto(1.5, 0.1, 4))];
    case 'short':
      return [compute(random.boundedPareto(1.2, 1, 45))];
    case 'long':
      // Some let the event loop turn on their way.
      return random.chance(0.7)
        ? [compute(random.boundedPareto(1.1, 60, 20_000))]
        : [compute(random.between(10, 200)), wait(random.between(0, 50)), compute(random.boundedPareto(1.1, 60, 10_000))];
    case 'mixed':
      return steps(random.chance(0.85) ? 'brief' : 'long', random, nowMs);
    case 'turning':
      return steps(Math.floor(nowMs / TURN_EVERY_MS) % 2 === 0 ? 'brief' : 'long', random, nowMs);
    case 'waiting':
      return [
        compute(random.between(0.1, 1)),
        wait(random.boundedPareto(1.2, 5, 2000)),
        compute(random.chance(0.02) ? random.between(20, 2000) : random.between(0.1, 2)),
      ];
  }
}

function compute(ms: number): Step {
  return { kind: 'compute', ms };
}

function wait(ms: number): Step {
  return { kind: 'wait', ms };
}
