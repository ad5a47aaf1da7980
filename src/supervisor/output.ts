import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { RawExit } from './decisions/life.ts';
import { readLines } from './lines.ts';
import type { SpawnEvents } from './spawner.ts';

/** V8's last words when the heap is full, since Node 12. */
const OUT_OF_MEMORY = /FATAL ERROR: .*(heap out of memory|Allocation failed)/;
/** What a dead worker printed arrives within this time, or not at all: its own children may hold the pipe open. */
const LAST_WORDS_MS = 100;

/**
 * Reads what a child process prints and reports its end, after the last line that it printed: the last words of a worker on
 * stderr tell a full heap from any other abort, and the log has them before the end that they explain.
 */
export function followChild(child: ChildProcess, stdout: Readable, stderr: Readable, events: SpawnEvents): void {
  let outOfMemory = false;
  const allRead = Promise.all([
    readLines(stdout, (line) => events.onOutput('stdout', line)),
    readLines(stderr, (line) => {
      if (OUT_OF_MEMORY.test(line)) outOfMemory = true;
      events.onOutput('stderr', line);
    }),
  ]);
  child.once('exit', (code, signal) => {
    const timer = setTimeout(() => {
      // On a busy machine the timer can be late itself: what has arrived meanwhile is read before.
      setImmediate(() => {
        stdout.destroy();
        stderr.destroy();
      });
    }, LAST_WORDS_MS);
    void allRead.then(() => {
      clearTimeout(timer);
      events.onExit({ code, signal, outOfMemory } satisfies RawExit);
    });
  });
}
