import type { Command } from 'commander';
import type { Done } from '../admin/api.ts';
import { addAdminCommand, print, printJson } from './admin-command.ts';

/** Adds `prefork scale N`. */
export function addScaleCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'scale <n>',
      summary: 'set the number of workers',
      description:
        'From now on there are this many workers (in mode fork at most). Those that are too many end after their tasks. It lasts until the server ends: its flags and files are not changed.',
      examples: ['prefork scale 8', 'prefork scale 2 --port 3000'],
    },
    async ({ client, words, flags }) => {
      const answer = await client.post<Done>('/api/scale', { workers: Number(words[0]) });
      if (flags.json) printJson(answer);
      else print(answer.done);
    },
  );
}
