export const dynamic = 'force-dynamic';

export function GET() {
  let count = 0;
  const body = new ReadableStream({
    async pull(controller) {
      count += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.enqueue(new TextEncoder().encode(`id: ${count}\ndata: event ${count}\n\n`));
      if (count === 3) controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache, no-transform' } });
}
