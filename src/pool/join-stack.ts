/**
 * Adds to the stack of an error who had called the pool: the error itself was made in a worker, or out of a timer. The stack of the
 * caller costs nothing until then, since V8 finds out who awaits this function.
 */
export function joinStack(error: unknown): void {
  if (!(error instanceof Error)) return;
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, joinStack);
  const callers = (holder.stack ?? '').split('\n').filter((line) => /^\s+at async /.test(line) && !line.includes(OWN));
  if (callers.length === 0) return;
  Object.defineProperty(error, 'stack', {
    value: `${error.stack ?? String(error)}\n${callers.join('\n')}`,
    enumerable: false,
    writable: true,
    configurable: true,
  });
}

const OWN = new URL('.', import.meta.url).href;
