import { type Command, Option } from 'commander';
import type { Done } from '../admin/api.ts';
import { addAdminCommand, print, printJson } from './admin-command.ts';

interface StopFlags {
  readonly force?: true;
}

/** Adds `prefork stop`. */
export function addStopCommand(program: Command): void {
  addAdminCommand<StopFlags>(
    program,
    {
      usage: 'stop',
      summary: 'end a running server in order',
      description:
        'The server takes no more requests, finishes what it has within its --shutdown-timeout, and ends. The command does not wait for that.',
      examples: ['prefork stop', 'prefork stop --force'],
    },
    async ({ client, flags }) => {
      const answer = await client.post<Done>('/api/stop', { force: flags.force ?? false });
      if (flags.json) printJson(answer);
      else print(answer.done);
    },
    (command) => {
      command.addOption(new Option('--force', 'cut off what runs'));
    },
  );
}
