import { signal } from '@preact/signals';

export type Connection = { readonly is: 'connecting' | 'live' } | { readonly is: 'lost'; readonly sinceMs: number };

/** To the server that sent the page. */
export const connection = signal<Connection>({ is: 'connecting' });
