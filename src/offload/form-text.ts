/**
 * Writes what was parsed of a form as `application/x-www-form-urlencoded`, as the parsers of Express and Koa read it: lists as names that come
 * again, objects in brackets.
 */
export function formText(form: object): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(form)) append(fields, name, value);
  return fields.toString();
}

function append(fields: URLSearchParams, name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const [index, each] of value.entries()) append(fields, isNested(each) ? `${name}[${index}]` : name, each);
  } else if (isNested(value)) {
    for (const [key, each] of Object.entries(value)) append(fields, `${name}[${key}]`, each);
  } else if (typeof value === 'string') fields.append(name, value);
  // Not what a parser of forms makes, but what a middleware may have put in its place.
  else if (value !== undefined) fields.append(name, value === null ? '' : JSON.stringify(value));
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
