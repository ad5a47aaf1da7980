import type { Command } from 'commander';
import type { StackFrame, StackReport } from '../diagnostics/stack-report.ts';
import { printable } from '../text/printable.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';

/** Adds `prefork trace PID`: where a worker is now. */
export function addTraceCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'trace <pid>',
      summary: 'show where a worker is now: its JavaScript stack',
      description:
        'Three looks, 100 ms apart, at what the main thread of a worker does: whether it computes, waits or sits in native code, and where. It goes on as before.',
      examples: ['prefork trace 4711', 'prefork trace w3 --json'],
    },
    async ({ client, words, flags, signal }) => {
      const report = await client.post<StackReport>(workerPath(words[0], 'trace'), {}, { signal });
      if (flags.json) printJson(report);
      else print(stackReportText(report));
    },
  );
}

/** The answer to "where does it hang", and what else is known. */
export function stackReportText(report: StackReport): string {
  const { source, resources, thread, cpuPercent } = report;
  const lines = [`worker ${report.pid} (w${report.worker}): ${report.summary}`];
  if (source !== null) lines.push('', `  ${source.file}:${source.line}`, `  > ${source.text.trim()}`);
  if (report.frames.length > 0) lines.push('', ...report.frames.map(frameLine));
  const facts = [
    ...(cpuPercent === null ? [] : [`CPU       ${Math.round(cpuPercent)}% of one CPU while it was looked at`]),
    ...(resources === null ? [] : [`waits for ${resourcesText(resources)}`]),
    ...(thread === null ? [] : [`thread    ${threadText(thread)}`]),
  ];
  if (facts.length > 0) lines.push('', ...facts);
  return lines.map(printable).join('\n');
}

function frameLine({ function: name, file, line, column, origin }: StackFrame): string {
  const mark = origin === 'user' ? '>' : ' ';
  return `${mark} at ${name} (${file}:${line}:${column})`;
}

function resourcesText(resources: Readonly<Record<string, number>>): string {
  const kinds = Object.entries(resources).map(([kind, count]) => `${count} ${kind}`);
  return kinds.length === 0 ? 'nothing: what it waits for will never come' : kinds.join(', ');
}

function threadText({ state, waitChannel, systemCall }: NonNullable<StackReport['thread']>): string {
  const at = [
    ...(systemCall === null ? [] : [`system call ${systemCall}`]),
    ...(waitChannel === null ? [] : [`waits in ${waitChannel}`]),
  ];
  return [`state ${state}`, ...at].join(', ');
}
