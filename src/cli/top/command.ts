import { type Command, Option } from 'commander';
import type { State } from '../../admin/api.ts';
import type { ServerChoice } from '../../admin/find-server.ts';
import { addAdminCommand } from '../admin-command.ts';
import { KEYS } from './help-lines.ts';

interface TopFlags extends ServerChoice {
  readonly watch?: true;
}

const KEYS_TEXT = KEYS.map(([key, what]) => `${key}: ${what}`).join('. ');

/** Adds `prefork top`: the server and its workers, live. */
export function addTopCommand(program: Command): void {
  addAdminCommand<TopFlags>(
    program,
    {
      usage: 'top',
      summary: 'watch a running server: its queue, its tasks, its workers',
      description: [
        'Shows what the server and its workers do, live, with keys to look into a worker or to end it. Where the output is no terminal it prints one snapshot.',
        `Keys. ${KEYS_TEXT}.`,
      ].join('\n\n'),
      examples: ['prefork top', 'prefork top --port 3000', 'prefork top --watch > log', 'prefork top --json --watch | jq .queue'],
    },
    async ({ client, flags, signal }) => {
      const { stdin, stdout } = process;
      const isWatching = flags.watch === true;
      const isJson = flags.json === true;
      if (isJson || !stdin.isTTY || !stdout.isTTY || process.env['TERM'] === 'dumb') {
        const { runPlain } = await import('./run-plain.ts');
        await runPlain(client, { isWatching, isJson }, signal);
        return;
      }
      // Not only when it was asked for what can't be reached, a line says so, and no screen.
      const first = await client.get<State>('/api/state');
      const { runScreen } = await import('./run-screen.ts');
      const hasColour = (process.env['NO_COLOR'] ?? '') === '';
      await runScreen({ input: stdin, output: stdout, hasColour }, { client, choice: flags }, first, signal);
    },
    (command) => {
      command.addOption(new Option('--watch', 'without a terminal, or with --json: again every second'));
    },
  );
}
