import type { StackFrame, StackReport } from './stack-report.ts';

/** The stack as V8 would print it, a frame a line, the innermost first; without what only prefork and Node do below the user's code. */
export function stackText({ frames }: StackReport): string {
  const last = frames.findLastIndex(({ origin }) => origin === 'user' || origin === 'dependency');
  const shown = last === -1 ? frames : frames.slice(0, last + 1);
  return shown.map((frame) => `    at ${frameText(frame)}`).join('\n');
}

function frameText(frame: StackFrame): string {
  return `${frame.function} (${frame.file}:${frame.line}:${frame.column})`;
}
