import type { Incident, IncidentKind } from './incident.ts';
import type { StackFrame } from './stack-report.ts';

const HAPPENED: Record<IncidentKind, string> = {
  slow: 'ran long',
  hung: 'was lost: its worker went silent',
  deadline: 'was ended at its deadline',
  crash: 'lost its worker',
  boot: 'did not boot',
  cancelled: 'was ended: its client had left while it computed',
};
const WITHOUT_TASK: Record<IncidentKind, string> = { ...HAPPENED, hung: 'went silent', crash: 'ended' };
/** A line of a stack as V8 prints it, with a place in it; without those of Node itself. */
const PRINTED_FRAME = /^\s+at (?!.*\bnode:)(.*:\d+:\d+\)?)$/;
/** An error as V8 prints it, such as `TypeError: x is not a function` or `Error [ERR_X]: …`. */
const PRINTED_ERROR = /^(?:Uncaught )?[A-Z]\w*(?:Error|Exception)?(?: \[\w+\])?: ./;

/** Where it happened, as closely as is known: it tells one cause from another. Empty when nothing is known. */
export function placeOf(incident: Incident): string {
  const { stack, lastWords, end } = incident;
  if (stack !== null) {
    const frame = stack.frames.find(({ origin }) => origin === 'user') ?? stack.frames[0];
    return frame === undefined ? stack.verdict : `${stack.verdict} in ${showFrame(frame)}`;
  }
  const printed = lastWords.map((line) => PRINTED_FRAME.exec(line)?.[1]).find((place) => place !== undefined);
  if (printed !== undefined) return printed;
  return incident.kind === 'crash' || incident.kind === 'boot' ? (end?.how ?? '') : '';
}

/** One line for a person: what happened, and where. */
export function titleOf(incident: Incident): string {
  const { request, kind, end } = incident;
  const who = request === null ? 'a worker' : `${request.method} ${pathOf(request.url)}`;
  const place = placeOf(incident);
  const why = errorOf(incident) ?? (kind === 'crash' || kind === 'boot' ? end?.how : undefined);
  const what = `${who} ${request === null ? WITHOUT_TASK[kind] : HAPPENED[kind]}`;
  const more = [why, place].filter((text): text is string => text !== undefined && text !== '');
  return [what, ...new Set(more)].join(': ').slice(0, 300);
}

/** The error that the worker printed before it ended. */
function errorOf({ lastWords }: Incident): string | undefined {
  return lastWords.find((line) => PRINTED_ERROR.test(line));
}

function showFrame(frame: StackFrame): string {
  return `${frame.function} (${frame.file}:${frame.line})`;
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? url;
}
