import { type Command, Option } from 'commander';
import type { Inspection } from '../admin/api.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';

interface InspectFlags {
  readonly holdDeadline?: true;
}

/** Adds `prefork inspect PID`: a debugger for a worker, for as long as the command runs. */
export function addInspectCommand(program: Command): void {
  addAdminCommand<InspectFlags>(
    program,
    {
      usage: 'inspect <pid>',
      summary: 'open the debugger port of a worker until Ctrl-C',
      description:
        'Opens the inspector of a worker on 127.0.0.1 and a free port, prints where, and closes it again on Ctrl-C. It attaches to a loop that never ends too. Whoever may log in to this machine can attach meanwhile.',
      examples: ['prefork inspect 4711', 'prefork inspect w3 --hold-deadline'],
    },
    async ({ client, words, flags, signal }) => {
      const { holdDeadline = false } = flags;
      try {
        const stream = await client.stream('POST', workerPath(words[0], 'inspect'), { holdDeadline }, { signal });
        let line = '';
        for await (const piece of stream.setEncoding('utf8')) {
          // All that comes is one line; after that the answer is there to stay open.
          if (line.endsWith('\n')) continue;
          line += String(piece);
          if (line.endsWith('\n')) tell(JSON.parse(line) as Inspection, flags.json === true);
        }
      } catch (error) {
        // Ctrl-C is how it is meant to end.
        if (signal.aborted) return;
        throw error instanceof PreforkError ? error : gone();
      }
      if (!signal.aborted) throw gone();
    },
    (command) => {
      command.addOption(new Option('--hold-deadline', 'the task that it runs has no deadline meanwhile'));
    },
  );
}

function tell(inspection: Inspection, isJson: boolean): void {
  if (isJson) printJson(inspection);
  else print(`in Chrome: ${inspection.devtoolsUrl}\nelsewhere: ${inspection.webSocketUrl}`);
  process.stderr.write('open until Ctrl-C\n');
}

function gone(): PreforkError {
  return new PreforkError('ERR_OBSERVE', 'the worker or its server ended, and its inspector with it');
}
