import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';

const MODULE = new URL('../../src/cli/broken-pipe.js', import.meta.url).href;

/** Writes to the stream when told so, and ends with 7 when its input ends: whoever is killed by the EPIPE ends with 1. */
function script(stream: 'stdout' | 'stderr', isSurviving: boolean): string {
  return `
    import { surviveBrokenPipes } from '${MODULE}';
    if (${isSurviving}) surviveBrokenPipes();
    process.stdout.write('ready');
    process.stdin.on('data', () => process.${stream}.write('text for nobody'));
    process.stdin.on('end', () => process.exit(7));
  `;
}

async function exitCodeWithout(stream: 'stdout' | 'stderr', isSurviving: boolean): Promise<unknown> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script(stream, isSurviving)]);
  // The child may be gone when we write: that is what the exit code tells.
  child.stdin.on('error', () => undefined);
  const exited = once(child, 'exit');
  await once(child.stdout, 'data');
  child[stream].destroy();
  await once(child[stream], 'close');
  child.stdin.end('go');
  const [code] = (await exited) as unknown[];
  return code;
}

for (const stream of ['stdout', 'stderr'] as const) {
  test(`a reader of ${stream} that goes away does not end the process`, async () => {
    assert.equal(await exitCodeWithout(stream, false), 1);
    assert.equal(await exitCodeWithout(stream, true), 7);
  });
}
