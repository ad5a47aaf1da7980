import type { Command } from 'commander';
import type { ReloadReport } from '../admin/api.ts';
import { shortDuration } from '../text/figures.ts';
import { addAdminCommand, print, printJson } from './admin-command.ts';

/** Adds `prefork reload`. */
export function addReloadCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'reload',
      summary: 'load the code anew, without losing a request',
      description:
        'Boots workers with the code as it is on disk now, then lets the old ones finish what they run. If the new code does not boot, the old code serves on, and the command says why.',
      examples: ['prefork reload', 'prefork reload --json'],
    },
    async ({ client, flags }) => {
      const report = await client.post<ReloadReport>('/api/reload', {});
      if (flags.json) printJson(report);
      else
        print(
          `generation ${report.generation} serves after ${shortDuration(report.tookMs)}; ${report.replaced} workers with the old code finish what they run`,
        );
    },
  );
}
