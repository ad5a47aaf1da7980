/** What changes the workers of a dispatcher from outside: reload, scale, recycle, kill. */
import type { Settings } from '../config/settings.ts';
import { EXTRA } from '../scheduler/rollout.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import type { SchedulerEvent } from '../scheduler/types.ts';
import type { Supervisor } from '../supervisor/supervisor.ts';
import type { CodeSource } from './code-source.ts';
import { Generations } from './generations.ts';
import { OperatorControl } from './operator-control.ts';
import { boundsFor, scaleSentence } from './policy.ts';
import type { WorkerControl } from './running-mode.ts';

export interface OperationParts {
  readonly settings: Settings;
  /** False in mode fork. */
  readonly reuse: boolean;
  readonly source: CodeSource;
  readonly supervisor: Supervisor;
  readonly scheduler: Pick<Scheduler, 'capacity'>;
  readonly tell: (event: SchedulerEvent) => void;
}

export class Operation {
  readonly generations: Generations;
  readonly control: WorkerControl;

  constructor({ settings, reuse, source, supervisor, scheduler, tell }: OperationParts) {
    this.generations = new Generations(source, supervisor, {
      hasRoomForTrial: () => [...supervisor.workers].length < scheduler.capacity + EXTRA,
      changeCode: (generation) => tell({ type: 'CodeChanged', generation }),
    });
    this.control = new OperatorControl(supervisor, this.generations, {
      recycle: ({ id }) => tell({ type: 'WorkerOutdated', worker: id }),
      holdDeadlines: ({ id }, held) => tell({ type: held ? 'DeadlinesHeld' : 'DeadlinesGoOn', worker: id }),
      scale: (workers) => {
        tell({ type: 'BoundsChanged', bounds: boundsFor(settings, reuse, workers) });
        return scaleSentence(settings, reuse, workers, scheduler.capacity);
      },
      lostTasks: 'what it runs is answered with 502, or run again where the handler says that it is idempotent',
    });
  }
}
