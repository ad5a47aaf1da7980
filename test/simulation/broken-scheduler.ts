/** Schedulers that are broken in one way each, by which the rules of the audit are tried. */
import type { SchedulerMachine } from '../../simulation/primary/dispatch.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import type {
  Policy,
  SchedulerCommand,
  SchedulerEvent,
  SchedulerFigures,
  TaskEvent,
  TaskFacts,
} from '../../src/scheduler/types.ts';

const LEARNED = 300;

export type Make = (policy: Policy) => SchedulerMachine;

type Change = (command: SchedulerCommand) => readonly SchedulerCommand[];
type Retell = <Event extends SchedulerEvent>(event: Event) => Event;

const same: Change = (command) => [command];

/** A scheduler whose commands are changed on their way, and what it is told. */
class Broken implements SchedulerMachine {
  readonly #scheduler: Scheduler;
  readonly #change: Change;
  readonly #retell: Retell;

  constructor(policy: Policy, change: Change, retell: Retell = (event) => event) {
    this.#scheduler = new Scheduler(policy);
    this.#change = change;
    this.#retell = retell;
  }

  get figures(): SchedulerFigures {
    return this.#scheduler.figures;
  }

  get mostAtOnce(): number {
    return this.#scheduler.mostAtOnce;
  }

  get capacity(): number {
    return this.#scheduler.capacity;
  }

  handle(event: SchedulerEvent, nowMs: number): readonly SchedulerCommand[] {
    return this.#scheduler.handle(this.#retell(event), nowMs).flatMap((command) => this.#change(command));
  }

  handleAll(events: readonly TaskEvent[], nowMs: number): readonly SchedulerCommand[] {
    const heard = events.map((event) => this.#retell(event));
    return this.#scheduler.handleAll(heard, nowMs).flatMap((command) => this.#change(command));
  }

  missingWorkers(nowMs: number): number {
    return this.#scheduler.missingWorkers(nowMs);
  }

  nextWakeMs(nowMs: number): number | undefined {
    return this.#scheduler.nextWakeMs(nowMs);
  }
}

/** Each task that comes is another one than it is. */
function retold(others: (facts: TaskFacts, task: number) => Partial<TaskFacts>): Retell {
  return (event) =>
    event.type === 'TaskArrived' ? { ...event, facts: { ...event.facts, ...others(event.facts, event.task) } } : event;
}

/** Is told something else than what happened. */
export function told(retell: Retell): Make {
  return (policy) => new Broken(policy, same, retell);
}

export function mistaken(others: Parameters<typeof retold>[0]): Make {
  return told(retold(others));
}

/** The same for those that wait for the long lane, as most of them do when that many tasks have come. */
export function mistakenOfReports(others: Parameters<typeof retold>[0]): Make {
  return mistaken((facts, task) => (facts.key === 'report' && task > LEARNED ? others(facts, task) : {}));
}

/** Keeps a task on a reserved worker, and says of it that it is a short one. */
export class Silent extends Broken {
  constructor(policy: Policy) {
    const change: Change = (command) => (command.type === 'TaskOverstays' ? [] : [command]);
    super(
      policy,
      change,
      retold(() => ({ restartable: false })),
    );
  }

  override get figures(): SchedulerFigures {
    return { ...super.figures, overstaying: 0 };
  }
}

/** Is not told what is of this type. */
export function deafTo(type: Exclude<SchedulerEvent['type'], TaskEvent['type']>): Make {
  return told((event) => (event.type === type ? ({ type: 'ClockTicked' } as typeof event) : event));
}

/** Goes by another policy than it is given. */
export function by(some: (policy: Policy) => Partial<Policy>): Make {
  return (policy) => new Broken({ ...policy, ...some(policy) }, same);
}

/** Does something else in place of the commands of one type. */
export function instead<Type extends SchedulerCommand['type']>(
  type: Type,
  change: (command: Extract<SchedulerCommand, { type: Type }>) => readonly SchedulerCommand[],
): Make {
  const isOfType = (command: SchedulerCommand): command is Extract<SchedulerCommand, { type: Type }> => command.type === type;
  return (policy) => new Broken(policy, (command) => (isOfType(command) ? change(command) : [command]));
}

export function overrideOf(
  policy: Policy,
  override: Partial<Pick<SchedulerMachine, 'missingWorkers' | 'nextWakeMs'>>,
): SchedulerMachine {
  return Object.assign(new Broken(policy, same), override);
}
