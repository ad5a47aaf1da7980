import { defineEventHandler, getQuery, getRequestIP, getRequestURL } from 'h3';

export default defineEventHandler((event) => {
  const { remoteAddress, remoteFamily, encrypted = false } = event.node.req.socket;
  return {
    method: event.method,
    path: event.path,
    query: getQuery(event),
    url: getRequestURL(event, { xForwardedHost: true, xForwardedProto: true }).href,
    ip: getRequestIP(event, { xForwardedFor: true }),
    user: event.context.user,
    remoteAddress,
    remoteFamily,
    encrypted,
  };
});
