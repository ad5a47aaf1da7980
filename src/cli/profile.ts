import { type Command, InvalidArgumentError, Option } from 'commander';
import { shortBytes } from '../text/figures.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';
import { endAsInterrupted } from './interruption.ts';
import { refuseExisting, saveStream } from './save-stream.ts';

interface ProfileFlags {
  readonly seconds: number;
  readonly output?: string;
  readonly force?: true;
}

/** Adds `prefork profile PID`: where a worker spends its time. */
export function addProfileCommand(program: Command): void {
  addAdminCommand<ProfileFlags>(
    program,
    {
      usage: 'profile <pid>',
      summary: 'record a CPU profile of a worker',
      description:
        'Records what the main thread of a worker does for some seconds, in a loop that never ends as well, into a file that Chrome DevTools and speedscope open. The worker goes on as before.',
      examples: ['prefork profile 4711', 'prefork profile w3 --seconds 10 -o slow.cpuprofile'],
    },
    async ({ client, words, flags, signal }) => {
      const { seconds, output = `prefork-${words[0] ?? ''}.cpuprofile`, force = false } = flags;
      await refuseExisting(output, force);
      process.stderr.write(`recording for ${seconds} s\n`);
      let bytes: number;
      try {
        const stream = await client.stream('POST', workerPath(words[0], 'profile'), { seconds }, { signal });
        bytes = await saveStream(stream, output, force, () => {});
      } catch (error) {
        if (!signal.aborted) throw error;
        endAsInterrupted(signal);
        return;
      }
      if (flags.json) printJson({ file: output, bytes });
      else print(`${output}: ${shortBytes(bytes)}; open it in Chrome DevTools (Performance, load) or https://www.speedscope.app`);
    },
    (command) => {
      command.addOption(new Option('--seconds <n>', 'how long to record, 0.1 to 300').default(5).argParser(readSeconds));
      command.addOption(new Option('-o, --output <file>', 'where to write it (default: prefork-PID.cpuprofile)'));
      command.addOption(new Option('--force', 'overwrite the file'));
    },
  );
}

function readSeconds(text: string): number {
  const seconds = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= 0.1 && seconds <= 300) return seconds;
  throw new InvalidArgumentError('expected a number from 0.1 to 300');
}
