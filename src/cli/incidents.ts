import type { Command } from 'commander';
import type { Incidents } from '../admin/api.ts';
import type { Incident, IncidentGroup } from '../diagnostics/incident.ts';
import { shortBytes, shortDuration } from '../text/figures.ts';
import { printable } from '../text/printable.ts';
import { addAdminCommand, print, printJson } from './admin-command.ts';
import { table } from './table.ts';
import { stackReportText } from './trace.ts';

/** Adds `prefork incidents [ID]`: what went wrong, and where. */
export function addIncidentsCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'incidents [id]',
      summary: 'list what went wrong, or show one incident in full',
      description:
        'Tasks that ran long, were ended at their deadline or lost their worker, and workers that did not boot; those with the same cause together. With an id (a 502 or 504 carries it) all that is known of one.',
      examples: ['prefork incidents', 'prefork incidents k3v9x0a1b2c3', 'prefork incidents --json'],
    },
    async ({ client, words: [id], flags }) => {
      if (id === undefined) {
        const incidents = await client.get<Incidents>('/api/incidents');
        if (flags.json) printJson(incidents);
        else print(groupsText(incidents, Date.now()));
        return;
      }
      const incident = await client.get<Incident>(`/api/incidents/${id}`);
      if (flags.json) printJson(incident);
      else print(incidentText(incident));
    },
  );
}

export function groupsText({ groups, dropped }: Incidents, nowMs: number): string {
  if (groups.length === 0) return 'no incident so far';
  const rows = groups.map((group) => [String(group.count), agoText(group, nowMs), group.kind, group.ids[0] ?? '-', group.title]);
  const more = dropped === 0 ? '' : `\n${dropped} more are counted, and kept no longer`;
  return `${table([' COUNT', ' LAST', 'KIND', 'NEWEST', 'WHAT'], rows)}${more}`;
}

function agoText({ lastAt }: IncidentGroup, nowMs: number): string {
  return `${shortDuration(Math.max(0, nowMs - Date.parse(lastAt)))} ago`;
}

export function incidentText(incident: Incident): string {
  const { request, worker, figures, stack, lastWords, timeline, end } = incident;
  const lines = [`incident ${incident.id}: ${incident.kind}, ${incident.at}, mode ${incident.mode}`];
  if (request !== null) lines.push(`request   ${request.method} ${request.url} (task ${request.task}, kind ${request.route})`);
  if (worker !== null) lines.push(`worker    ${worker.pid} (w${worker.id})`);
  if (figures !== null) lines.push(`figures   ${figuresText(figures)}`);
  if (timeline.length > 0)
    lines.push(`timeline  ${timeline.map(({ atMs, what }) => `${what} ${shortDuration(atMs)}`).join(' → ')}`);
  lines.push(`end       ${end === null ? 'it goes on' : `${end.how} (${end.at})`}`);
  const parts = [lines.map(printable).join('\n')];
  if (stack !== null) parts.push(stackReportText(stack));
  if (lastWords.length > 0) parts.push(['last words on stderr', ...lastWords.map((line) => `  ${printable(line)}`)].join('\n'));
  return parts.join('\n\n');
}

function figuresText({ runMs, queueMs, cpuMs, rssBytes, eventLoopDelayMs }: NonNullable<Incident['figures']>): string {
  return [
    `ran for ${shortDuration(runMs)} after ${shortDuration(queueMs)} in the queue`,
    ...(cpuMs === null ? [] : [`${shortDuration(cpuMs)} of CPU`]),
    ...(rssBytes === null ? [] : [shortBytes(rssBytes)]),
    ...(eventLoopDelayMs === null ? [] : [`event loop delay ${shortDuration(eventLoopDelayMs)}`]),
  ].join(', ');
}
