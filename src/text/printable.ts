/**
 * Control characters (a terminal obeys them), line and paragraph separators (a log shipper may cut there) and bidi marks
 * (they make a line read as another one), each as its escape. New lines stay in stacks, which are ours to lay out.
 */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export function printable(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
