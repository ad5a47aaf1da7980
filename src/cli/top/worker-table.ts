/** A row a worker. */
import type { WorkerInfo } from '../../admin/api.ts';
import { shortBytes, shortDuration } from '../../text/figures.ts';
import { bar } from './bar.ts';
import { left, right } from './cells.ts';
import { stateWord, toneOfWord } from './head-lines.ts';
import type { Order } from './rows.ts';
import { type Line, line, piece, type Piece, type Tone } from './styled.ts';

export interface TableLook {
  readonly width: number;
  readonly hasBars: boolean;
  /** At which a bar of memory is full. */
  readonly fullBytes: number;
  readonly order: Order;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly isNumber?: true;
  readonly order?: Order;
  /** Narrowest screen that always has it. */
  readonly from: number;
  readonly cell: (worker: WorkerInfo) => { readonly text: string; readonly tone?: Tone; readonly share?: number };
}

const MB = 1024 * 1024;
const SMALLEST_FULL_BYTES = 128 * MB;
/** Most tasks are reported as slow after this time, see `--slow`. */
const LONG_RUN_MS = 5000;
/** An event loop that did not turn for so long computes. */
const LONG_DELAY_MS = 1000;

/** A round figure above the largest worker, so that the bars do not change with every byte. */
export function fullBytesOf(workers: readonly WorkerInfo[]): number {
  const largest = workers.reduce((most, { rssBytes }) => Math.max(most, rssBytes), 0);
  let full = SMALLEST_FULL_BYTES;
  while (full < largest) full *= 2;
  return full;
}

export function headingLine(look: TableLook): Line {
  const cells = columnsOf(look).flatMap((column) => {
    const width = column.width + barWidthOf(column, look);
    const isOrder = column.order === look.order;
    const text = column.isNumber === true ? right(column.title, width) : left(column.title, width);
    return [piece(`${text} `, isOrder ? 'strong' : 'quiet')];
  });
  return line('  ', ...cells, piece('REQUEST', 'quiet'));
}

/** @param isChosen by the keys; undefined where there are none */
export function workerLine(worker: WorkerInfo, look: TableLook, isChosen = false): Line {
  const pieces: Piece[] = [piece(isChosen ? '> ' : '  ')];
  for (const column of columnsOf(look)) {
    const { text, tone = 'plain', share } = column.cell(worker);
    const barWidth = barWidthOf(column, look);
    if (barWidth > 0) pieces.push(...bar(Number(share), barWidth - 1), piece(' '));
    // Its width is counted when it has been made harmless.
    const shown = piece(text).text;
    pieces.push(piece(`${column.isNumber === true ? right(shown, column.width) : left(shown, column.width)} `, tone));
  }
  pieces.push(...requestPieces(worker));
  return { ...line(...pieces), ...(isChosen ? { chosen: true } : {}) };
}

function requestPieces({ task, running }: WorkerInfo): Piece[] {
  if (task === null) return [];
  // In front: a long address would hide it.
  return [...(running > 1 ? [piece(`${running} tasks, `, 'note')] : []), piece(`${task.method} `, 'quiet'), piece(task.url)];
}

function columnsOf({ width, fullBytes, order }: TableLook): readonly Column[] {
  const columns: readonly Column[] = [
    { title: 'PID', width: 7, order: 'id', from: 0, cell: (worker) => ({ text: nameOf(worker) }) },
    { title: 'ID', width: 5, from: 90, cell: ({ id }) => ({ text: `w${id}`, tone: 'quiet' }) },
    { title: 'STATE', width: 8, from: 0, cell: stateCell },
    { title: 'LANE', width: 5, from: 80, cell: laneCell },
    {
      title: 'CPU',
      width: 4,
      isNumber: true,
      order: 'cpu',
      from: 0,
      cell: ({ cpuPercent }) => ({ text: `${Math.round(cpuPercent)}%`, share: cpuPercent / 100 }),
    },
    {
      title: 'MEMORY',
      width: 6,
      isNumber: true,
      order: 'memory',
      from: 0,
      cell: ({ rssBytes }) => ({ text: shortBytes(rssBytes), share: rssBytes / fullBytes }),
    },
    { title: 'DELAY', width: 6, isNumber: true, order: 'delay', from: 110, cell: delayCell },
    { title: 'SERVED', width: 7, isNumber: true, order: 'served', from: 130, cell: ({ served }) => ({ text: String(served) }) },
    { title: 'RUN', width: 6, isNumber: true, order: 'run', from: 0, cell: runCell },
  ];
  // What the rows are sorted by is always there to be seen.
  return columns.filter((column) => width >= column.from || column.order === order);
}

/** With the space behind it; 0 where there is none. */
function barWidthOf({ title }: Column, { width, hasBars }: TableLook): number {
  if (!hasBars || (title !== 'CPU' && title !== 'MEMORY')) return 0;
  if (width < 80) return 5;
  return width < 120 ? 9 : 15;
}

/** Threads share one pid, which names none of them. */
function nameOf({ kind, id, pid }: WorkerInfo): string {
  return kind === 'thread' ? `w${id}` : String(pid);
}

function stateCell(worker: WorkerInfo): { text: string; tone: Tone } {
  const word = stateWord(worker);
  return { text: word, tone: word === 'busy' && worker.lane === 'long' ? 'warning' : toneOfWord(word) };
}

function laneCell({ lane }: WorkerInfo): { text: string; tone: Tone } {
  return { text: lane ?? '', tone: lane === 'long' ? 'warning' : 'plain' };
}

function delayCell({ eventLoopDelayMs }: WorkerInfo): { text: string; tone: Tone } {
  return { text: shortDuration(eventLoopDelayMs), tone: eventLoopDelayMs >= LONG_DELAY_MS ? 'warning' : 'plain' };
}

function runCell({ task }: WorkerInfo): { text: string; tone: Tone } {
  if (task === null) return { text: '', tone: 'plain' };
  return { text: shortDuration(task.runMs), tone: task.runMs >= LONG_RUN_MS ? 'warning' : 'plain' };
}
