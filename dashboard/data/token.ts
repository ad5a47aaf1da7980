/**
 * The token that actions need. The link that the server prints carries it in the fragment, which no request has in it; it is kept for this
 * tab alone, and taken out of the address bar so that it is in no screenshot and no bookmark.
 */
import { signal } from '@preact/signals';

const KEY = 'prefork-token';

export const token = signal<string | null>(sessionStorage.getItem(KEY));

export function setToken(value: string): void {
  sessionStorage.setItem(KEY, value);
  token.value = value;
}

/** The server does not know it, such as after a restart. */
export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
  token.value = null;
}

/** Takes it out of a fragment such as `#token=…`. @returns whether there was one */
export function takeTokenFrom(fragment: string): boolean {
  const [, found] = /^#token=([\w-]+)$/.exec(fragment) ?? [];
  if (found === undefined) return false;
  setToken(found);
  return true;
}

/** What a person pasted: the whole link, or the token alone. */
export function readPasted(text: string): string | null {
  return /(?:#token=|^)([\w-]{20,})\s*$/.exec(text.trim())?.[1] ?? null;
}
