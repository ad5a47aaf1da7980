// What is awaited by nobody streams in after the page.
export const load = () => ({
  now: 'at once',
  later: new Promise((resolve) => setTimeout(resolve, 10, 'streamed')),
});
