import { defineEventHandler } from 'h3';

export default defineEventHandler(() => {
  const parts = ['first\n', 'second\n', 'third\n'];
  return new ReadableStream({
    async pull(controller) {
      const part = parts.shift();
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (part === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(part));
    },
  });
});
