import type { ResponseHead } from '../channel/messages.ts';

/** Reads back the head that Node's ServerResponse wrote: well-formed by construction, so that splitting is enough. */
export function parseHead(head: string): ResponseHead {
  const lines = head.split('\r\n');
  const [statusLine = ''] = lines;
  // "HTTP/1.1 200 OK"
  const status = Number(statusLine.slice(9, 12));
  return { status, message: statusLine.slice(13), headers: parseFieldLines(lines, 1) };
}

export function parseFieldLines(lines: readonly string[], first: number): string[] {
  const headers: string[] = [];
  for (let index = first; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const colon = line.indexOf(':');
    if (colon > 0) headers.push(line.slice(0, colon), line.slice(colon + 2));
  }
  return headers;
}
