/** The page with other text between `<!-- figures of NAME -->` and `<!-- end -->`; undefined where it has no such marks. */
export function fill(page: string, name: string, text: string): string | undefined {
  const begin = `<!-- figures of ${name} -->`;
  const from = page.indexOf(begin);
  const to = from === -1 ? -1 : page.indexOf('<!-- end -->', from);
  return to === -1 ? undefined : `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
