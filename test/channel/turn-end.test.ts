import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { setImmediate as immediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { atTurnEnd } from '../../src/channel/turn-end.ts';

test('what is asked for at the end of a turn comes in that turn, in order, and so does what that asks for', async () => {
  const said: string[] = [];
  atTurnEnd(() => {
    said.push('first');
    atTurnEnd(() => said.push('asked for by the first'));
  });
  atTurnEnd(() => said.push('second'));
  assert.equal(said.join(), '');
  await immediate();
  assert.equal(said.join(), 'first,second,asked for by the first');
  atTurnEnd(() => said.push('the next time'));
  await immediate();
  assert.equal(said.at(-1), 'the next time');
});

/** In a process of its own: the runner takes what nobody catches for a failure of the test. */
test('one that fails takes no other with it', async () => {
  const program = `
    import { atTurnEnd } from ${JSON.stringify(new URL('../../src/channel/turn-end.js', import.meta.url).href)};
    process.on('uncaughtException', ({ message }) => console.log(message));
    atTurnEnd(() => { throw new Error('failed'); });
    atTurnEnd(() => console.log('the other one'));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  assert.equal(stdout, 'failed\nthe other one\n');
});
