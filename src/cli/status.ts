import type { Command } from 'commander';
import type { State } from '../admin/api.ts';
import { shortBytes, shortDuration } from '../text/figures.ts';
import { printable } from '../text/printable.ts';
import { addAdminCommand, print, printJson } from './admin-command.ts';

/** Adds `prefork status`: the server in a few lines. */
export function addStatusCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'status',
      summary: 'say how a running server is',
      description: 'The server, its workers by state, its queue, and what has become of all tasks since it started.',
      examples: ['prefork status', 'prefork status --json'],
    },
    async ({ client, flags }) => {
      const state = await client.get<State>('/api/state');
      if (flags.json) printJson(state);
      else print(statusText(state, Date.now()));
    },
  );
}

export function statusText({ server, workers, queue, lanes, totals }: State, nowMs: number): string {
  const upMs = Math.max(0, nowMs - Date.parse(server.startedAt));
  const byState = countBy(workers.map(({ state }) => state));
  const long = workers.filter(({ lane }) => lane === 'long').length;
  const hung = workers.filter(({ health }) => health === 'hung').length;
  return [
    `${server.url} ${server.state}, mode ${server.mode}, pid ${server.pid}, up ${shortDuration(upMs)}, prefork ${server.version}, node ${server.node}`,
    `code      ${printable(server.entry)}, generation ${server.generation}`,
    `primary   ${Math.round(server.cpuPercent)}% CPU, ${shortBytes(server.rssBytes)}, event loop delay p99 ${server.eventLoopDelayMs.toFixed(1)}ms`,
    `workers   ${workers.length}${byState === '' ? '' : `: ${byState}`}${long > 0 ? `; ${long} in the long lane` : ''}${hung > 0 ? `; ${hung} hung` : ''}`,
    `queue     ${queue.depth} of ${queue.limit}${queue.depth > 0 ? `, the oldest for ${shortDuration(queue.oldestMs)}` : ''}`,
    `tasks     ${totals.admitted} taken: ${totals.completed} completed, ${totals.failed} failed, ${totals.crashed} lost to a crash, ${totals.timedOut} at their deadline, ${totals.cancelled} cancelled, ${totals.rejected} turned away`,
    ...laneLines(lanes),
    `incidents ${totals.incidents}`,
  ].join('\n');
}

/** Only what there was: most servers never turn anybody away. */
function laneLines(lanes: State['lanes']): readonly string[] {
  if (lanes === null) return [];
  const { running, waiting, totals } = lanes;
  const { demoted, expectedLong, requeued, overstayed, retried, rejected } = totals;
  const was = counted([
    [demoted, 'demoted'],
    [expectedLong, 'long from the start'],
    [requeued, 'stopped and queued for the long lane'],
    [overstayed, 'kept a reserved worker'],
    [retried, 'run once more'],
  ]);
  const away = counted([
    [rejected.queueFull, 'queue full'],
    [rejected.overloaded, 'CPUs overloaded'],
    [rejected.queueTimeout, 'waited too long'],
    [rejected.longLaneFull, 'long lane full'],
    [rejected.noWorker, 'no worker'],
    [rejected.closing, 'server ending'],
  ]);
  const overstaying = running.overstaying === 0 ? '' : `, ${running.overstaying} on reserved workers`;
  const waitLong = waiting.long === 0 ? '' : `; ${waiting.long} wait for the long one`;
  return [
    `lanes     ${running.short} short, ${running.long} long${overstaying}${waitLong}${was === '' ? '' : `; since the start: ${was}`}`,
    ...(away === '' ? [] : [`refused   ${away}`]),
  ];
}

function counted(counts: readonly (readonly [count: number, what: string])[]): string {
  return counts
    .filter(([count]) => count > 0)
    .map(([count, what]) => `${count} ${what}`)
    .join(', ');
}

function countBy(states: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state, (counts.get(state) ?? 0) + 1);
  return Array.from(counts, ([state, count]) => `${count} ${state}`).join(', ');
}
