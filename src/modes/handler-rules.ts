import { type IncomingMessage, METHODS } from 'node:http';
import type { HandlerConfig, TunnelKind } from '../channel/messages.ts';
import { badOption } from '../config/bad-option.ts';
import { parseDuration } from '../config/duration.ts';
import type { Settings } from '../config/settings.ts';
import { PreforkError } from '../errors/prefork-error.ts';
import { hasBody } from '../http/check-request.ts';
import { compileTemplate } from '../http/template.ts';
import type { TaskFacts } from '../scheduler/types.ts';

/** What the handler's own `config` export means for its tasks, in base units. */
export interface HandlerRules {
  readonly deadlineMs: number;
  /** A task goes on to its end when the client is gone. */
  readonly detached: boolean;
  /** How clients may ask for another protocol. */
  readonly takes: readonly TunnelKind[];
  /** What the scheduler is to know of a request. Never throws: what a template does not find is empty. */
  readonly factsOf: (request: IncomingMessage) => TaskFacts;
}

const PRIORITIES = { least: -10, most: 10, otherwise: 0 };
const WEIGHTS = { least: 1, most: 100, otherwise: 1 };

/** @throws PreforkError ERR_BAD_OPTION when the handler's config makes no sense */
export function readHandlerConfig(config: HandlerConfig, settings: Settings): HandlerRules {
  const ownDeadlineMs =
    config.deadline === undefined ? undefined : parseDuration(config.deadline, "the handler's config.deadline", 1);
  const keyOf = compileTemplate(config.key ?? '{method} {path}', "the handler's config.key");
  const clientOf = compileTemplate(config.client ?? '', "the handler's config.client");
  const priorityOf = numberIn(config.priority, "the handler's config.priority", PRIORITIES);
  const weightOf = numberIn(config.weight, "the handler's config.weight", WEIGHTS);
  const isIdempotent = idempotence(config.idempotent, "the handler's config.idempotent");
  return {
    deadlineMs: settings.deadlineIsExplicit ? settings.deadlineMs : (ownDeadlineMs ?? settings.deadlineMs),
    detached: config.detached ?? false,
    takes: config.takes ?? [],
    factsOf: (request) => ({
      key: keyOf(request),
      client: clientOf(request),
      priority: priorityOf(request),
      weight: weightOf(request),
      // The body has gone to the first worker, and nobody kept it.
      restartable: isIdempotent(request) && !hasBody(request),
      hasBody: hasBody(request),
    }),
  };
}

/** Whether a request may be started again, as far as the handler is concerned: all of them, none, or those with one of its methods. */
function idempotence(value: HandlerConfig['idempotent'], label: string): (request: IncomingMessage) => boolean {
  if (value === undefined || typeof value === 'boolean') return () => value === true;
  const expected = 'true, false, or methods that requests have, such as GET and HEAD';
  if (value.length === 0) throw new PreforkError('ERR_BAD_OPTION', `${label}: found an empty list, expected ${expected}`);
  for (const method of value) if (!METHODS.includes(method)) throw badOption(label, method, expected);
  return ({ method }) => method !== undefined && value.includes(method);
}

/** A whole number, or a template that gives one: what a request says is bent into the range, or ignored. */
function numberIn(
  value: string | number | undefined,
  label: string,
  { least, most, otherwise }: { readonly least: number; readonly most: number; readonly otherwise: number },
): (request: IncomingMessage) => number {
  if (value === undefined) return () => otherwise;
  if (typeof value === 'number') {
    if (Number.isInteger(value) && value >= least && value <= most) return () => value;
    throw new PreforkError(
      'ERR_BAD_OPTION',
      `${label}: found ${value}, expected a whole number from ${least} to ${most}, or a template such as {header.x-name}`,
    );
  }
  const textOf = compileTemplate(value, label);
  return (request) => {
    const text = textOf(request);
    return /^-?\d{1,9}$/.test(text) ? Math.max(least, Math.min(most, Number(text))) : otherwise;
  };
}
