/**
 * What all servers of this scenario do: a tiny JSON, an answer of 1 MB, and an upload whose bytes are counted. As a Node function, which bare
 * node:http, a cluster and prefork run as it is, and as a function of a path and a body for the pools that stand behind node:http.
 */
const MEGABYTE = 1024 * 1024;
const LARGE = Buffer.alloc(MEGABYTE, 'x');
const TINY = { hello: 'world' };

export default function handler(request, response) {
  if (request.method === 'POST') {
    let bytes = 0;
    request.on('data', (chunk) => {
      bytes += chunk.length;
    });
    request.on('end', () => send(response, JSON.stringify({ bytes })));
    return;
  }
  send(response, request.url === '/large' ? LARGE : JSON.stringify(TINY));
}

/** @param body what came with the request, as bytes; null for none */
export function answer({ path, body }) {
  if (body !== null) return JSON.stringify({ bytes: body.byteLength });
  // A copy: the caller gives it away.
  return path === '/large' ? Uint8Array.from(LARGE) : JSON.stringify(TINY);
}

export function send(response, body) {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}
