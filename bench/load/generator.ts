import { fork, type ChildProcess } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { isReport, type Order } from './orders.ts';
import type { Phase, PhaseResult } from './phases.ts';

/** The load generator, from the side that gives it orders. */
export class Generator {
  readonly #child: ChildProcess;
  /** Whether it goes before the server in the queue for a CPU. */
  readonly goesFirst: boolean;

  /**
   * @param goesFirst whether it should, where the system allows it (root): it stands for clients on other machines, which do not
   * wait for a CPU of the server's
   */
  constructor(goesFirst: boolean) {
    this.#child = fork(new URL('main.js', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.goesFirst = goesFirst && raise(this.#child.pid);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error when the generator ended instead */
  run(port: number, phases: readonly Phase[]): Promise<readonly PhaseResult[]> {
    return new Promise((resolve, reject) => {
      const onExit = (): void => reject(new Error('the load generator ended without a report; see above'));
      this.#child.once('exit', onExit);
      this.#child.once('message', (message: unknown) => {
        this.#child.off('exit', onExit);
        if (isReport(message)) resolve(message.results);
        else reject(new TypeError(`the load generator sent ${JSON.stringify(message)}, expected a report`));
      });
      this.#child.send({ port, phases } satisfies Order);
    });
  }

  end(): void {
    this.#child.kill('SIGKILL');
  }
}

/** Before it has threads: on Linux each thread has a priority of its own, which those that it starts later inherit. */
function raise(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    setPriority(pid, constants.priority.PRIORITY_HIGHEST);
    return true;
  } catch {
    return false;
  }
}
