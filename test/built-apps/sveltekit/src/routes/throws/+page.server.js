import { error } from '@sveltejs/kit';

export const load = ({ url }) => {
  if (url.searchParams.has('status')) error(Number(url.searchParams.get('status')), 'expected');
  throw new RangeError('secret');
};
