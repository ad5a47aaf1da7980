/** A task that only waits. */
export async function rest(number) {
  await new Promise((resolve) => {
    setTimeout(resolve, 10);
  });
  return number + 1;
}

/** A task that does nothing. */
export function next(number) {
  return number + 1;
}
