import { environmentNamesOf, OPTION_NAMES, OPTIONS, type OptionName } from './options.ts';
import type { OptionKind } from './option-kinds.ts';
import { readLayer, type Layer } from './read-layer.ts';

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

// Kubernetes sets PREFORK_PORT=tcp://10.0.0.1:80 in every pod beside a Service that is named prefork, for programs that
// want to call it: https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
const SERVICE_LINK = /^(tcp|udp|sctp):\/\//;

/**
 * Reads the options that environment variables set: `PREFORK_*`, else the conventional `PORT` and `WEB_CONCURRENCY`. Empty
 * variables count as not set, and so do those of the options in `overridden`: a platform's odd `PORT` hurts nobody who
 * passes `--port`.
 *
 * @throws PreforkError ERR_BAD_OPTION
 */
export function readEnvironment(env: Environment, overridden: Layer): { layer: Layer; labelOf: (name: OptionName) => string } {
  const raw: Partial<Record<OptionName, unknown>> = {};
  const labels = new Map<OptionName, string>();
  for (const name of OPTION_NAMES) {
    if (overridden[name] !== undefined) continue;
    const variable = environmentNamesOf(name).find((candidate) => isSet(env, candidate, OPTIONS[name].kind));
    if (variable === undefined) continue;
    raw[name] = env[variable];
    labels.set(name, variable);
  }
  const labelOf = (name: OptionName): string => labels.get(name) ?? environmentNamesOf(name)[0];
  return { layer: readLayer(raw, 'environment', labelOf), labelOf };
}

function isSet(env: Environment, variable: string, kind: OptionKind): boolean {
  const value = Object.hasOwn(env, variable) ? env[variable] : undefined;
  return value !== undefined && value !== '' && !(kind === 'port' && SERVICE_LINK.test(value));
}
