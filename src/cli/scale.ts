import type { Command } from 'commander';
import type { Done } from '../admin/api.ts';
import { showValue } from '../config/show-value.ts';
import { PreforkError } from '../errors/prefork-error.ts';
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
      const answer = await client.post<Done>('/api/scale', { workers: readCount(words[0]) });
      if (flags.json) printJson(answer);
      else print(answer.done);
    },
  );
}

function readCount(word: string | undefined): number {
  const count = word !== undefined && /^\d{1,5}$/.test(word) ? Number(word) : 0;
  if (count >= 1 && count <= 10_000) return count;
  throw new PreforkError('ERR_BAD_OPTION', `n: found ${showValue(word)}, expected a whole number from 1 to 10000`);
}
