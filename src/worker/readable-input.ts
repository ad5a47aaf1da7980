/** A stream of the caller's as the web has them. It reads nothing ahead: what comes is held back by the channel. */
export function readableOf(input: AsyncIterator<unknown>): ReadableStream<unknown> {
  return new ReadableStream<unknown>(
    {
      async pull(controller) {
        const next = await input.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
      async cancel() {
        await input.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
