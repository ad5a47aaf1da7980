/** The pane below the table: one worker, and where it is. */
import type { StackFrame, StackReport } from '../../diagnostics/stack-report.ts';
import { shortBytes, shortDuration } from '../../text/figures.ts';
import { cutStart, oneLine, widthOf, wrap } from './cells.ts';
import { stateWord, toneOfWord } from './head-lines.ts';
import type { Details } from './model.ts';
import { type Line, line, piece } from './styled.ts';

export function detailsLines(details: Details, width: number, rows: number): Line[] {
  const lines = [titleLine(details, width), ...factLines(details, width)];
  return [...lines, ...lookLines(details, width, rows - lines.length)].slice(0, rows);
}

function titleLine({ worker, isGone }: Details, width: number): Line {
  const title = `worker ${worker.pid} (w${worker.id})${isGone ? ' is gone' : ''}`;
  const rest = Math.max(0, width - widthOf(title) - 4);
  return line(piece('── ', 'quiet'), piece(title, isGone ? 'warning' : 'strong'), piece(` ${'─'.repeat(rest)}`, 'quiet'));
}

function factLines({ worker, isGone }: Details, width: number): Line[] {
  const { task, running } = worker;
  const word = stateWord(worker);
  const facts = [
    `${Math.round(worker.cpuPercent)}% CPU`,
    shortBytes(worker.rssBytes),
    `delay ${shortDuration(worker.eventLoopDelayMs)}`,
    `served ${worker.served}`,
    `generation ${worker.generation}`,
  ];
  const run =
    task === null ? [] : wrapped(`${task.method} ${task.url}, for ${shortDuration(task.runMs)}${others(running)}`, width);
  return [
    line(isGone ? 'as it was last: ' : '', piece(word, toneOfWord(word)), `, ${facts.join(', ')}`),
    // An address may be longer than the screen.
    ...run.slice(0, 2).map((text) => line(text)),
  ];
}

function others(running: number): string {
  return running > 1 ? `, and ${running - 1} more` : '';
}

function lookLines({ look, isGone }: Details, width: number, rows: number): Line[] {
  switch (look.at) {
    case 'looking':
      return [line(piece(isGone ? 'it ended before it could be looked at' : 'looking…', 'note'))];
    case 'failed':
      return wrapped(look.why, width).map((text) => line(piece(text, 'bad')));
    case 'seen':
      return reportLines(look.report, width, rows);
  }
}

/** Where there is little room, the place in the summary and the frames are what matters. */
function reportLines(report: StackReport, width: number, rows: number): Line[] {
  const lines = wrapped(report.summary, width).map((text) => line(piece(text, 'strong')));
  const hasRoom = rows - lines.length >= 6;
  const { source } = report;
  if (source !== null && hasRoom) lines.push(line(piece(`  ${source.line} | `, 'quiet'), piece(source.text.trim(), 'note')));
  const facts = hasRoom ? factsOf(report) : [];
  const after = facts.length === 0 ? [] : [line(piece(facts.join('; '), 'quiet'))];
  return [...lines, ...frameLines(report.frames, width, rows - lines.length - after.length), ...after];
}

function factsOf({ resources, thread }: StackReport): string[] {
  const facts: string[] = [];
  if (resources !== null && Object.keys(resources).length > 0) facts.push(`holds ${countsText(resources)}`);
  if (thread !== null && thread.systemCall !== null) facts.push(`in the system call ${thread.systemCall}`);
  if (thread !== null && thread.waitChannel !== null) facts.push(`waits in ${thread.waitChannel}`);
  return facts;
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');
}

/** Where not all have room, those of Node and prefork are the first to go. */
function frameLines(frames: readonly StackFrame[], width: number, rows: number): Line[] {
  if (frames.length <= rows) return frames.map((frame) => frameLine(frame, width));
  const ours = frames.filter(({ origin }) => origin === 'user' || origin === 'dependency');
  const shown = (ours.length > 0 ? ours : frames).slice(0, Math.max(0, rows - 1));
  const rest = piece(`    and ${frames.length - shown.length} more: prefork trace shows all`, 'quiet');
  return [...shown.map((frame) => frameLine(frame, width)), line(rest)];
}

function frameLine({ function: name, file, line: row, column, origin }: StackFrame, width: number): Line {
  const isOurs = origin === 'user';
  const begin = oneLine(`${isOurs ? '>' : ' '} at ${name} `);
  const place = cutStart(oneLine(`${file}:${row}:${column}`), Math.max(0, width - widthOf(begin)));
  return line(piece(begin, isOurs ? 'plain' : 'quiet'), piece(place, isOurs ? 'note' : 'quiet'));
}

function wrapped(text: string, width: number): string[] {
  return wrap(oneLine(text), width);
}
