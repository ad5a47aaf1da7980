export function writeFrame(socket, ...pieces) {
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32LE(pieces.reduce((sum, { byteLength }) => sum + byteLength, 0));
  socket.cork();
  socket.write(head);
  for (const piece of pieces) socket.write(piece);
  socket.uncork();
}

export function readFrames(socket, onFrame) {
  let parts = [];
  let length = 0;
  socket.setNoDelay(true);
  socket.on('data', (chunk) => {
    parts.push(chunk);
    length += chunk.length;
    for (;;) {
      if (length < 4) return;
      if (parts.length > 1 && parts[0].length < 4) parts = [Buffer.concat(parts)];
      const size = parts[0].readUInt32LE(0);
      if (length < 4 + size) return;
      const all = parts.length === 1 ? parts[0] : Buffer.concat(parts);
      parts = [all.subarray(4 + size)];
      length -= 4 + size;
      onFrame(all.subarray(4, 4 + size));
    }
  });
}
