import type { Command } from 'commander';
import type { Done } from '../admin/api.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';

/** Adds `prefork recycle PID`. */
export function addRecycleCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'recycle <pid>',
      summary: 'replace a worker without losing a task',
      description: 'Boots another worker, then lets this one finish what it runs and end.',
      examples: ['prefork recycle 4711', 'prefork recycle w3'],
    },
    async ({ client, words, flags }) => {
      const answer = await client.post<Done>(workerPath(words[0], 'recycle'), {});
      if (flags.json) printJson(answer);
      else print(answer.done);
    },
  );
}
