import type { InspectedThread } from '../channel/observation.ts';

/**
 * Runs an expression in a thread, in the middle of whatever it does there, or when it is next out of native code.
 *
 * @returns its value, which has to be plain data
 * @throws Error with what the expression threw, in one line
 */
export async function evaluate(thread: InspectedThread, expression: string): Promise<unknown> {
  const { result, exceptionDetails } = await thread.post('Runtime.evaluate', {
    expression,
    returnByValue: true,
    silent: true,
  });
  if (exceptionDetails === undefined) return (result as { value?: unknown }).value;
  const { exception, text } = Object(exceptionDetails) as { exception?: { description?: string }; text?: string };
  throw new Error((exception?.description ?? text ?? 'it threw').split('\n', 1)[0]);
}
