import type { Command } from 'commander';
import type { Done } from '../admin/api.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';

/** Adds `prefork kill PID`. */
export function addKillCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'kill <pid>',
      summary: 'end a worker now, whatever it does',
      description: 'Ends a worker by SIGKILL. Its tasks are answered with 502, and another worker takes its place.',
      examples: ['prefork kill 4711', 'prefork kill w3'],
    },
    async ({ client, words, flags }) => {
      const answer = await client.post<Done>(workerPath(words[0], 'kill'), {});
      if (flags.json) printJson(answer);
      else print(answer.done);
    },
  );
}
