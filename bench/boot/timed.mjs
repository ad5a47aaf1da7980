/** From `begin` to the first call of what it is given, in ms; `end` is awaited and not counted. */
export async function timed(begin, end) {
  const sinceMs = performance.now();
  let process;
  await new Promise((resolve, reject) => {
    process = begin(resolve, reject);
  });
  const ms = performance.now() - sinceMs;
  await end(process);
  return ms;
}
