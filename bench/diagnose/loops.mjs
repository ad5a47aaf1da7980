// Never leaves a loop, three calls deep.
export default function handler(request) {
  return new Response(String(new URL(request.url).pathname === '/loop' ? outer(7) : process.pid));
}
const outer = (start) => middle(start) + 1;
const middle = (start) => spin(start) + 1;
function spin(start) {
  let value = start;
  for (;;) value = (value * 31 + 1) % 1_000_003;
}
