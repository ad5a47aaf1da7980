import type { RemoteError } from '../channel/messages.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** What a worker said of an error that its handler threw, as the error of the task. */
export function handlerThrew({ name, message, stack }: RemoteError, task: number): PreforkError {
  return new PreforkError('ERR_HANDLER_THREW', `the handler threw ${name}: ${message}`, { cause: stack, task });
}
