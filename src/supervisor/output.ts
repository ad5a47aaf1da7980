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
 * Reads what a child process prints and reports its end. An end by SIGABRT waits for the last words on stderr, which tell
 * a full heap from any other abort.
 */
export function followChild(child: ChildProcess, stdout: Readable, stderr: Readable, events: SpawnEvents): void {
  let outOfMemory = false;
  readLines(stdout, (line) => events.onOutput('stdout', line));
  readLines(stderr, (line) => {
    if (OUT_OF_MEMORY.test(line)) outOfMemory = true;
    events.onOutput('stderr', line);
  });
  child.once('exit', (code, signal) => {
    const finish = (): void => {
      clearTimeout(timer);
      child.off('close', finish);
      stdout.destroy();
      stderr.destroy();
    };
    const timer = setTimeout(finish, LAST_WORDS_MS);
    child.once('close', finish);
    const report = (): void => events.onExit({ code, signal, outOfMemory } satisfies RawExit);
    if (signal === 'SIGABRT') stderr.once('close', report);
    else report();
  });
}
