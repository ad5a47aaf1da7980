/** Which page is shown. It is in the fragment: links, the back button and a bookmark work, and the server needs no rule for it. */
import { signal } from '@preact/signals';
import { takeTokenFrom } from './token.ts';

export type Route =
  | { readonly page: 'overview' }
  | { readonly page: 'worker'; readonly id: number }
  | { readonly page: 'incidents'; readonly id: string | null }
  | { readonly page: 'settings' };

export const route = signal<Route>({ page: 'overview' });

function routeOf(fragment: string): Route {
  const [, page = '', subject = ''] = /^#\/([a-z]*)(?:\/([0-9a-z]+))?$/.exec(fragment) ?? [];
  if (page === 'workers' && /^\d+$/.test(subject)) return { page: 'worker', id: Number(subject) };
  if (page === 'incidents') return { page: 'incidents', id: subject === '' ? null : subject };
  if (page === 'settings') return { page: 'settings' };
  return { page: 'overview' };
}

export function followFragment(): void {
  const read = (): void => {
    if (takeTokenFrom(location.hash)) history.replaceState(null, '', `${location.pathname}#/`);
    const before = route.value;
    route.value = routeOf(location.hash);
    if (before.page !== route.value.page) scrollTo(0, 0);
  };
  addEventListener('hashchange', read);
  read();
}
