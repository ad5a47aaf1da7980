import { type Command, Option } from 'commander';
import { shortBytes } from '../text/figures.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';
import { endAsInterrupted } from './interruption.ts';
import { refuseExisting, saveStream } from './save-stream.ts';

interface HeapFlags {
  readonly output?: string;
  readonly force?: true;
}

const TELL_EVERY_BYTES = 10 * 1024 * 1024;

/** Adds `prefork heap PID`: what a worker holds in memory. */
export function addHeapCommand(program: Command): void {
  addAdminCommand<HeapFlags>(
    program,
    {
      usage: 'heap <pid>',
      summary: 'take a heap snapshot of a worker',
      description:
        'Writes what a worker holds in its JavaScript heap into a file that Chrome DevTools opens (Memory, load). The worker stands still while it is taken, and needs about as much memory again: where there is not enough, it is refused.',
      examples: ['prefork heap 4711', 'prefork heap w3 -o leak.heapsnapshot'],
    },
    async ({ client, words, flags, signal }) => {
      const { output = `prefork-${words[0] ?? ''}.heapsnapshot`, force = false } = flags;
      await refuseExisting(output, force);
      tellPerson('taking the snapshot: a large heap, and a worker that computes, take their time');
      let bytes: number;
      try {
        const stream = await client.stream('POST', workerPath(words[0], 'heap'), {}, { signal });
        bytes = await saveStream(stream, output, force, tellProgress());
      } catch (error) {
        if (!signal.aborted) throw error;
        endAsInterrupted(signal);
        return;
      }
      if (flags.json) printJson({ file: output, bytes });
      else print(`${output}: ${shortBytes(bytes)}; open it in Chrome DevTools (Memory, load)`);
    },
    (command) => {
      command.addOption(new Option('-o, --output <file>', 'where to write it (default: prefork-PID.heapsnapshot)'));
      command.addOption(new Option('--force', 'overwrite the file'));
    },
  );
}

/** In a log it would be noise. */
function tellPerson(line: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${line}\n`);
}

/** Says how far it is, each ten megabytes. */
function tellProgress(): (bytes: number) => void {
  let told = 0;
  return (bytes) => {
    if (bytes - told < TELL_EVERY_BYTES) return;
    told = bytes;
    tellPerson(`${shortBytes(bytes)} so far`);
  };
}
