import { defineEventHandler, getCookie, setResponseHeader } from 'h3';

export default defineEventHandler((event) => {
  event.context.user = getCookie(event, 'user') ?? 'nobody';
  setResponseHeader(event, 'x-middleware', 'seen');
});
