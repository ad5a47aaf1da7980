import type { EncodedValue } from '../channel/value.ts';
import type { TaskFacts } from '../scheduler/types.ts';
import type { CallStreams } from './call-streams.ts';
import { isLarge } from './call-task.ts';
import { NO_OPTIONS, type RunSettings } from './run-options.ts';

/** Those of calls that have no options and may not be started again: mostly all of a function are, and they are the same. */
const plain = new Map<string, TaskFacts>();
const MOST_NAMES = 1024;

/** What the scheduler is to know of a call. */
export function factsOf(
  name: string,
  args: EncodedValue,
  streams: CallStreams | undefined,
  settings: RunSettings,
  retries: number,
): TaskFacts {
  const isBound = streams !== undefined || hasPorts(args);
  const isPlain = settings === NO_OPTIONS && !isBound && !isLarge(args) && retries === 0;
  const known = isPlain ? plain.get(name) : undefined;
  if (known !== undefined) return known;
  const facts: TaskFacts = {
    key: settings.key ?? name,
    client: '',
    weight: 1,
    priority: settings.priority,
    // What has been read of a stream, or yielded, can't be taken back, nor a port that was given away.
    restartable: !isBound && retries > 0,
    retries,
    hasBody: isBound || isLarge(args),
    isLarge: isLarge(args),
    ...(settings.deadlineMs === undefined ? {} : { deadlineMs: settings.deadlineMs }),
  };
  if (isPlain && plain.size < MOST_NAMES) plain.set(name, facts);
  return facts;
}

function hasPorts({ parcel }: EncodedValue): boolean {
  return parcel?.objects.some((object) => object instanceof MessagePort) === true;
}
