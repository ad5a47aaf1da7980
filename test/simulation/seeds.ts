/**
 * Seeds that failed once, with the number of events after which they did at the latest. A seed is another world after any change of the
 * simulation, so what each of them found is a test in test/scheduler/ too.
 */
export const FAILED_ONCE: readonly { readonly seed: number; readonly events: number; readonly what: string }[] = [
  { seed: 361, events: 4000, what: 'brief tasks behind one that has no place were let in without limit' },
  { seed: 259, events: 4000, what: 'a spare that answered in mode fork was retired as spent' },
  { seed: 2313, events: 4000, what: 'the moment at which a queue is pressed passed unnoticed' },
  { seed: 1334, events: 4000, what: 'a stuck worker whose long tasks had only waited before was taken for a hot one' },
  { seed: 2131, events: 4000, what: 'a question to a worker that was gone was held against tasks of others' },
  { seed: 29, events: 20_100, what: 'the last words of a worker that had ended made room for tasks, which were lost with it' },
  { seed: 116, events: 8000, what: 'a task overstayed on a worker that was in the long lane already' },
  {
    seed: 187,
    events: 17_000,
    what: 'one that was stuck, answered and had a task in one moment was stuck all the time for the audit',
  },
];
