/**
 * No pool: one task at a time on a bare socket to each process, length before bytes, no more code than that takes. The round trip that
 * no pool of processes can be below.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { readFrames, writeFrame } from './frames.mjs';

export async function start(workers) {
  const path = join(tmpdir(), `bench-${process.pid}.sock`);
  const server = createServer().listen(path);
  await once(server, 'listening');
  const idle = [];
  const waiting = [];
  const children = [];
  for (let count = 0; count < workers; count += 1) {
    children.push(fork(new URL('worker.mjs', import.meta.url), [path], { stdio: 'inherit' }));
    const [socket] = await once(server, 'connection');
    const worker = { socket, answer: undefined };
    readFrames(socket, (payload) => {
      worker.answer(payload);
      const task = waiting.shift();
      if (task === undefined) idle.push(worker);
      else begin(worker, task);
    });
    idle.push(worker);
  }
  return {
    run(name, argument) {
      return new Promise((resolve) => {
        const task = { name, argument, resolve };
        const worker = idle.pop();
        if (worker === undefined) waiting.push(task);
        else begin(worker, task);
      });
    },
    end() {
      for (const child of children) child.kill();
      server.close();
      rmSync(path, { force: true });
    },
  };
}

/** A number is eight bytes, large memory is sent as it is, anything else is serialized as V8 does. */
function begin(worker, { name, argument, resolve }) {
  if (name === 'next') {
    const bytes = Buffer.allocUnsafe(9);
    bytes[0] = 0;
    bytes.writeDoubleLE(argument, 1);
    writeFrame(worker.socket, bytes);
    worker.answer = (payload) => resolve(payload.readDoubleLE(1));
    return;
  }
  if (name === 'stamp') {
    writeFrame(worker.socket, Buffer.of(1), argument);
    worker.answer = (payload) => resolve(payload.subarray(1));
    return;
  }
  writeFrame(worker.socket, Buffer.of(2), serialize(argument));
  worker.answer = (payload) => resolve(deserialize(payload.subarray(1)));
}
