/** A pool whose calls take an AbortSignal. */
export function withSignal(run) {
  return {
    begin(name, argument) {
      const controller = new AbortController();
      return { promise: run(name, argument, controller.signal), abort: () => controller.abort() };
    },
  };
}
