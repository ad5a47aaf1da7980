import type { Command } from 'commander';
import type { State, WorkerInfo } from '../admin/api.ts';
import { shortBytes, shortDuration } from '../text/figures.ts';
import { addAdminCommand, print, printJson } from './admin-command.ts';
import { table } from './table.ts';

const HEADINGS = ['PID', 'ID', 'MODE', 'STATE', 'HEALTH', 'LANE', ' RUN', ' CPU', ' RSS', ' DELAY', ' SERVED', 'TASK'];

/** Adds `prefork ps`: one line a worker. */
export function addPsCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'ps',
      summary: 'list the workers of a running server',
      description:
        'One line a worker: pid and id, what it does, for how long, and what that takes. Delay is how long its event loop has not turned; the id names a thread, since threads share one pid.',
      examples: ['prefork ps', 'prefork ps --port 3000 --json'],
    },
    async ({ client, flags }) => {
      const state = await client.get<State>('/api/state');
      if (flags.json) printJson(state);
      else print(processTable(state));
    },
  );
}

export function processTable({ server, workers }: State): string {
  return table(
    HEADINGS,
    workers.map((worker) => rowOf(worker, server.mode)),
  );
}

function rowOf(worker: WorkerInfo, mode: string): string[] {
  const { task, running } = worker;
  const more = running > 1 ? ` (and ${running - 1} more)` : '';
  return [
    String(worker.pid),
    `w${worker.id}`,
    mode,
    worker.state,
    worker.health,
    worker.lane ?? '-',
    task === null ? '-' : shortDuration(task.runMs),
    `${Math.round(worker.cpuPercent)}%`,
    shortBytes(worker.rssBytes),
    shortDuration(worker.eventLoopDelayMs),
    String(worker.served),
    task === null ? '-' : `${task.method} ${task.url}${more}`,
  ];
}
