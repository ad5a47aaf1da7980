import { defineEventHandler, deleteCookie, parseCookies, setCookie } from 'h3';

export default defineEventHandler((event) => {
  setCookie(event, 'a', 'b c', { httpOnly: true, path: '/' });
  setCookie(event, 'd', 'e', { sameSite: 'lax' });
  deleteCookie(event, 'old');
  return parseCookies(event);
});
