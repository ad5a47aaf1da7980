import type { IncomingMessage, ServerResponse } from 'node:http';

interface Answer {
  readonly text: string;
}

const ANSWER: Answer = { text: 'ok' };

// oxlint-disable-next-line import/no-default-export -- it is what a handler exports
export default function handler(_request: IncomingMessage, response: ServerResponse): void {
  response.end(ANSWER.text);
}
