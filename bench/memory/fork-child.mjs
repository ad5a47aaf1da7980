import { rest } from './work.mjs';

process.on('message', (ms) => {
  void rest(ms).then((pid) => process.send(pid));
});
