import type { Command } from 'commander';
import type { StackFrame, StackReport } from '../diagnostics/stack-report.ts';
import { printable } from '../text/printable.ts';
import { addAdminCommand, print, printJson, workerPath } from './admin-command.ts';

/** Far more than three looks take on a machine that is overloaded. */
const LONGEST_LOOK_MS = 60_000;

/** Adds `prefork trace PID`: where a worker is now. */
export function addTraceCommand(program: Command): void {
  addAdminCommand(
    program,
    {
      usage: 'trace <pid>',
      summary: 'show where a worker is now: its JavaScript stack',
      description:
        'Three looks, 100 ms apart, at what the main thread of a worker does: whether it computes, waits or sits in native code, and where; > marks the code that is yours. It goes on as before.',
      examples: ['prefork trace 4711', 'prefork trace w3 --json'],
    },
    async ({ client, words, flags }) => {
      const report = await client.post<StackReport>(workerPath(words[0], 'trace'), {}, { timeoutMs: LONGEST_LOOK_MS });
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
  if (report.frames.length > 0) lines.push('', ...frameLines(report.frames));
  const facts = [
    ...(cpuPercent === null ? [] : [`CPU       ${Math.round(cpuPercent)}% of one CPU while it was looked at`]),
    ...(resources === null ? [] : [`waits for ${resourcesText(resources)}`]),
    ...(thread === null ? [] : [`thread    ${threadText(thread)}`]),
  ];
  if (facts.length > 0) lines.push('', ...facts);
  return lines.map(printable).join('\n');
}

/** Below the user's code, and what that uses, is only how Node and prefork came to call it. */
function frameLines(frames: readonly StackFrame[]): string[] {
  const last = frames.findLastIndex(({ origin }) => origin === 'user' || origin === 'dependency');
  const below = last === -1 ? 0 : frames.length - 1 - last;
  const shown = frames.slice(0, frames.length - below).map(frameLine);
  return below === 0
    ? shown
    : [...shown, `  called by ${below} ${below === 1 ? 'frame' : 'frames'} of prefork and Node (--json has them)`];
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
