const LONGEST = 60;
// Control characters, line ends and bidirectional marks could forge a line of a log or of a terminal.
const UNPRINTABLE = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** A value as an error message shows it: on one line, quoted where it is text, and cut at 60 characters. */
export function showValue(value: unknown): string {
  const text = describe(value).replace(UNPRINTABLE, escapeCharacter);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}...` : text;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'an array' : 'an object';
  return String(value);
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
