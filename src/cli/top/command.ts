import { type Command, Option } from 'commander';
import type { State } from '../../admin/api.ts';
import type { ServerChoice } from '../../admin/find-server.ts';
import { addAdminCommand } from '../admin-command.ts';
import { KEYS } from './help-lines.ts';

interface TopFlags extends ServerChoice {
  readonly watch?: true;
}

/** Commander leaves a text alone in which a line begins with a space, and so it is broken here. */
const DESCRIPTION = `Shows what a server and its workers do, live, with keys to look into a worker or
to end it. Where there is no terminal it prints one snapshot.

Keys:
${KEYS.map(([key, what]) => `  ${key.padEnd(Math.max(...KEYS.map(([each]) => each.length)))}  ${what}`).join('\n')}`;

/** Adds `prefork top`: the server and its workers, live. */
export function addTopCommand(program: Command): void {
  addAdminCommand<TopFlags>(
    program,
    {
      usage: 'top',
      summary: 'watch a running server: its queue, its tasks, its workers',
      description: DESCRIPTION,
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
      // Who can't be reached is told of in a line, before there is a screen.
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
