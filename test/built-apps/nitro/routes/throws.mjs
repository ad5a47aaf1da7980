import { createError, defineEventHandler, getQuery } from 'h3';

export default defineEventHandler((event) => {
  const { status } = getQuery(event);
  if (status !== undefined) throw createError({ statusCode: Number(status), statusMessage: 'Own', data: { own: true } });
  throw new RangeError('secret');
});
