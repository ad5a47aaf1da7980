import { type Command, Option } from 'commander';
import { shortBytes } from '../text/figures.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';
import { refuseExisting, saveStream } from './save-stream.ts';
import { endBySignal, untilInterrupted } from './until-interrupted.ts';

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
    async ({ client, words, flags }) => {
      const { output = `prefork-${words[0] ?? ''}.heapsnapshot`, force = false } = flags;
      await refuseExisting(output, force);
      process.stderr.write('taking the snapshot\n');
      let bytes = 0;
      const interruptedBy = await untilInterrupted(async (signal) => {
        const stream = await client.stream('POST', workerPath(words[0], 'heap'), {}, { signal });
        bytes = await saveStream(stream, output, force, tellProgress());
      });
      if (interruptedBy !== undefined) endBySignal(interruptedBy);
      else if (flags.json) printJson({ file: output, bytes });
      else print(`${output}: ${shortBytes(bytes)}; open it in Chrome DevTools (Memory, load)`);
    },
    (command) => {
      command.addOption(new Option('-o, --output <file>', 'where to write it (default: prefork-PID.heapsnapshot)'));
      command.addOption(new Option('--force', 'overwrite the file'));
    },
  );
}

/** Says on stderr how far it is, each ten megabytes. */
function tellProgress(): (bytes: number) => void {
  let told = 0;
  return (bytes) => {
    if (bytes - told < TELL_EVERY_BYTES) return;
    told = bytes;
    process.stderr.write(`${shortBytes(bytes)} so far\n`);
  };
}
