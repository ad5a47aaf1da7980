import { connect } from 'node:net';
import { deserialize, serialize } from 'node:v8';
import { next, stamp, total } from '../work.mjs';
import { readFrames, writeFrame } from './frames.mjs';

const socket = connect(process.argv[2]);
readFrames(socket, (payload) => {
  switch (payload[0]) {
    case 0: {
      const bytes = Buffer.allocUnsafe(9);
      bytes[0] = 0;
      bytes.writeDoubleLE(next(payload.readDoubleLE(1)), 1);
      writeFrame(socket, bytes);
      return;
    }
    case 1:
      writeFrame(socket, Buffer.of(1), stamp(payload.subarray(1)));
      return;
    default:
      writeFrame(socket, Buffer.of(2), serialize(total(deserialize(payload.subarray(1)))));
  }
});
