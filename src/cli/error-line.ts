import { printable } from '../text/printable.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';

/**
 * An error as the command shows it: `prefork: <message> (<CODE>)` on one line. What is no PreforkError is a bug, whose stack
 * follows with `--dev`.
 */
export function errorLine(error: unknown, isDev: boolean): string {
  if (error instanceof PreforkError) return `prefork: ${oneLine(error.message)} (${error.code})\n`;
  const stack = isDev && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  const hint = isDev ? '' : ', --dev shows where';
  return `prefork: ${oneLine(messageOf(error))} (unexpected${hint})\n${stack}`;
}

/** What a server, a path or a module says may hold anything. */
function oneLine(text: string): string {
  return printable(text.replace(/\s*[\r\n\u2028\u2029]+\s*/g, ' '));
}
