/** What each worker has loaded, and has done, before it idles. It takes a while, so that each of the workers gets one. */
export async function rest(ms) {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
  return process.pid;
}
