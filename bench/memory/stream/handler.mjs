/** Sends 1 GB in pieces of 64 KB, as fast as they are taken, and reads what it is sent and counts it. */
import { pipeline, Readable } from 'node:stream';

const PIECE = Buffer.alloc(65_536, 'x');
const PIECES = 16_384;

export default function handler(request, response) {
  if (request.method === 'POST') {
    let bytes = 0;
    request.on('data', (piece) => {
      bytes += piece.length;
    });
    request.on('end', () => response.end(String(bytes)));
    return;
  }
  if (request.url !== '/stream') {
    response.end('ok');
    return;
  }
  response.writeHead(200, { 'content-length': PIECE.length * PIECES });
  pipeline(Readable.from(pieces()), response, () => {});
}

function* pieces() {
  for (let index = 0; index < PIECES; index += 1) yield PIECE;
}
