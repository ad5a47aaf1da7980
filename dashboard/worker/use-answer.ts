import { useEffect, useState } from 'preact/hooks';
import { toldOf } from '../data/ask.ts';

export type Answer<T> =
  | { readonly is: 'awaited' }
  | { readonly is: 'there'; readonly value: T }
  | { readonly is: 'failed'; readonly why: string };

/** Asks once, when the component appears, and lets go when it disappears. */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [answer, setAnswer] = useState<Answer<T>>({ is: 'awaited' });
  useEffect(() => {
    const controller = new AbortController();
    ask(controller.signal).then(
      (value) => setAnswer({ is: 'there', value }),
      (error: unknown) => {
        if (!controller.signal.aborted) setAnswer({ is: 'failed', why: toldOf(error) });
      },
    );
    return () => controller.abort();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- a new question is a new component
  }, []);
  return answer;
}
