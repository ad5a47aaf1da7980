import type { Spawner } from '../supervisor/spawner.ts';

/** Shows what workers print where this process prints, line by line: whoever calls a function looks for its output there. */
export function forwardOutput(spawner: Spawner): Spawner {
  return {
    spawn: (events) =>
      spawner.spawn({
        onExit: (exit) => events.onExit(exit),
        onOutput: (stream, line) => {
          process[stream].write(`${line}\n`);
          events.onOutput(stream, line);
        },
      }),
    close: () => spawner.close(),
  };
}
