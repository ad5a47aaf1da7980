import { defineEventHandler, handleCacheHeaders } from 'h3';

export default defineEventHandler((event) => {
  const isFresh = handleCacheHeaders(event, { etag: '"a-tag"', maxAge: 60, modifiedTime: new Date('1994-11-15T12:45:26Z') });
  return isFresh ? null : 'a text with a tag';
});
