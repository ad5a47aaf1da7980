/** What the query string held: a number to work on, no number at all, or something else, with a sentence that says what. */
export type Reading =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'wrong'; readonly detail: string };

const EXPECTED = `a whole number from 0 to ${Number.MAX_SAFE_INTEGER}, in decimal digits`;
const SHOWN_CHARACTERS = 40;

/** Reads `number` from a query; only digits count, so that no sign, space, exponent or fraction is quietly understood. */
export function readNumber(query: URLSearchParams): Reading {
  const [text, ...more] = query.getAll('number');
  if (text === undefined) return { kind: 'absent' };
  if (more.length > 0) return wrong(`${more.length + 1} values for "number"`, `one value, ${EXPECTED}`);
  if (text === '') return wrong('an empty "number"', EXPECTED);
  if (!/^[0-9]+$/.test(text)) return wrong(shown(text), EXPECTED);
  const number = Number(text);
  // Every whole number above 2^53 - 1 becomes a double above it, so this also catches those that doubles can not hold.
  if (!Number.isSafeInteger(number)) return wrong(shown(text), EXPECTED);
  return { kind: 'number', number };
}

function wrong(found: string, expected: string): Reading {
  return { kind: 'wrong', detail: `Found ${found}; expected ${expected}, as in /?number=7.` };
}

/** A client's text, quoted, shortened, and with nothing in it that a terminal or a page would obey or hide. */
function shown(text: string): string {
  const characters = Array.from(text);
  const short = characters.slice(0, SHOWN_CHARACTERS).join('');
  const quoted = JSON.stringify(short).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, escaped);
  return characters.length > SHOWN_CHARACTERS ? `${quoted} and ${characters.length - SHOWN_CHARACTERS} more characters` : quoted;
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}
