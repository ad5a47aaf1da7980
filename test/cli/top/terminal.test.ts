/** `prefork top` as its user has it: a real server, a real pseudo-terminal, and keys. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { computingIn, stateOf } from '../../admin/ask-admin.ts';
import { open } from '../../support/http.ts';
import type { Pty } from '../../support/pty.ts';
import { handler } from '../../support/paths.ts';
import { isAlive } from '../../support/processes.ts';
import { until } from '../../support/until.ts';
import type { Incidents } from '../../../src/admin/api.ts';
import { AdminClient } from '../../../src/admin/client.ts';
import { widthOf } from '../../../src/cli/top/cells.ts';
import { serveForTop, startTop } from './start-top.ts';

const LONG = { timeout: 180_000 };

/** Requests that never end; their clients go away with the test. */
function ask(url: string, ...paths: readonly string[]): AsyncDisposable {
  const leaving = new AbortController();
  const asked = paths.map((path) => open(url + path, { signal: leaving.signal }).catch(() => undefined));
  return {
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await Promise.all(asked);
    },
  };
}

/** The pids of the table, from above. */
function pids(top: Pty): number[] {
  return top.lines().flatMap((line) => {
    const [, pid] = /^[> ] (\d+) +(?:w\d+ +)?(?:idle|busy|hung|starting|draining|killing)\b/.exec(line) ?? [];
    return pid === undefined ? [] : [Number(pid)];
  });
}

/** The ids of the workers in the table, from above. */
function ids(top: Pty): number[] {
  return top.lines().flatMap((line) => {
    const [, id] = /^[> ] \d+ +w(\d+) /.exec(line) ?? [];
    return id === undefined ? [] : [Number(id)];
  });
}

test('it draws the server, its queue, its totals and its workers, and a long request with its path', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '3', '--deadline', '5m');
  await using _server = server;
  await using _asked = ask(server.url, '/loop?report=2026');
  await using top = await startTop(socket);
  const screen = await top.waitFor((text) => /^> \d+ +w\d+ +busy +long .* GET \/loop\?report=2026$/m.test(text));
  assert.ok(top.isAlternate());
  assert.match(screen, new RegExp(`^serving {2}${server.url} {2}mode pool {2}pid ${server.pid} {2}up `));
  assert.match(screen, /^workers {2}\d+ {2}1 busy {2}/m);
  assert.match(screen, /^queue {4}········ 0 of \d+ {2}lanes 0 short {2}1 long/m);
  assert.match(screen, /^in all {10}1 +0 /m);
  assert.match(screen, /\? help {2}q quit$/);
  top.type('q');
  assert.deepEqual([await top.ended(), top.left()], [0, '']);
});

test('keys sort, filter, and kill after a question', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--min', '3', '--max', '3', '--deadline', '5m');
  await using _server = server;
  await using _asked = ask(server.url, '/loop?first', '/loop?second');
  await using top = await startTop(socket);
  await top.waitFor((text) => text.includes('/loop?first') && text.includes('/loop?second') && pids(top).length === 3);
  for (let count = 0; count < 5; count += 1) top.type('s');
  await top.waitFor((text) => text.includes('sort:id'));
  // Not by pid: the system begins with small ones again.
  const shown = ids(top);
  assert.equal(shown.length, 3);
  assert.deepEqual(
    shown,
    shown.toSorted((a, b) => a - b),
  );

  top.type('/SECOND');
  await top.waitFor((text) => /filter: SECOND_/.test(text) && pids(top).length === 1);
  top.type('\r');
  await top.waitFor((text) => text.includes('filter:SECOND') && !text.includes('?first'));
  const [victim = 0] = pids(top);

  top.type('k');
  await top.waitFor((text) => text.includes(`kill worker ${victim} (`) && text.includes('y or n: which runs GET /loop?second'));
  top.type('n');
  await top.waitFor((text) => !text.includes('y or n'));
  assert.ok(isAlive(victim));
  top.type('k');
  await top.waitFor((text) => text.includes('y or n'));
  top.type('y');
  await until(() => !isAlive(victim), { describe: 'the end of the worker that was killed' });
  await top.waitFor((text) => text.includes(`worker ${victim}`) && text.includes('none of'));
  top.type('\u001b');
  await top.waitFor((text) => text.includes('?first') && !pids(top).includes(victim));
  top.type('q');
  assert.equal(await top.ended(), 0);
});

test('t shows the stack in TypeScript, p records a profile, r recycles', LONG, async (t) => {
  const { server, socket, folder } = await serveForTop(t, 'hangs.ts', '--max', '3', '--deadline', '5m');
  await using _server = server;
  await using _asked = ask(server.url, '/loop');
  await using top = await startTop(socket, { cwd: folder });
  await top.waitFor((text) => /busy .* GET \/loop$/m.test(text));
  const { workers } = await stateOf(socket);
  await computingIn(socket, `w${workers.find(({ task }) => task !== null)?.id}`, 'spin');
  top.type('t');
  const screen = await top.waitFor((text) => text.includes('> at outer '), 60_000);
  const source = (await readFile(handler('hangs.ts'), 'utf8')).split('\n');
  const [loop, inMiddle, inOuter] = ['while (n !== 0)', 'return spin(', 'return middle('].map(
    (text) => source.findIndex((line) => line.includes(text)) + 1,
  );
  assert.match(screen, new RegExp(`computing in spin \\(.*hangs\\.ts:${loop}\\)`));
  const frames = [`spin .*hangs\\.ts:${loop}`, `middle .*hangs\\.ts:${inMiddle}`, `outer .*hangs\\.ts:${inOuter}`];
  assert.match(screen, new RegExp(`${frames.map((frame) => `> at ${frame}:\\d+`).join('\\n')}\\n`));
  top.type('\u001b');
  await top.waitFor((text) => !text.includes('> at '));

  top.type('p');
  await top.waitFor((text) => /prefork-\d+-w\d+-\d{8}T\d{6}\.cpuprofile: \d+KB/.test(text), 60_000);
  const names = await readdir(folder);
  const file = names.find((name) => name.endsWith('.cpuprofile')) ?? '';
  assert.match(await readFile(join(folder, file), 'utf8'), /"functionName":"spin"/);

  const before = pids(top);
  top.type('\u001b[B');
  await top.waitFor((text) => /^> \d+ +w\d+ +idle/m.test(text));
  top.type('r');
  await top.waitFor(() => pids(top).some((pid) => !before.includes(pid)));
  top.type('?');
  await top.waitFor((text) => text.includes('kill it, after a question'));
  top.type('q');
  assert.equal(await top.ended(), 0);
});

test('at 60 columns every line stays within them, also when the window was wider before', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2', '--deadline', '5m');
  await using _server = server;
  await using _asked = ask(server.url, `/loop?${'long'.repeat(100)}`);
  await using top = await startTop(socket, { size: { columns: 160, rows: 40 } });
  await top.waitFor((text) => /GET \/loop\?long.*…$/m.test(text));
  top.resize({ columns: 60, rows: 20 });
  await top.waitFor((text) => /^> \d+ +busy .* GET \/loop\?l…$/m.test(text));
  const lines = top.lines();
  assert.equal(lines.length, 20);
  for (const line of lines) assert.ok(widthOf(line) <= 60, line);
  assert.match(lines.at(-1) ?? '', /\? help {2}q quit$/);
  top.resize({ columns: 200, rows: 60 });
  await top.waitFor(
    (text) => /^ {2}PID +ID +STATE +LANE .* REQUEST$/m.test(text) && top.lines()[59]?.endsWith('q quit') === true,
  );
  top.type('q');
  assert.equal(await top.ended(), 0);
});

test('an incident from before is told', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'hangs.ts', '--max', '2', '--deadline', '5m', '--slow', '300ms');
  await using _server = server;
  await using _asked = ask(server.url, '/loop');
  const client = new AdminClient({ socket });
  const known = async (): Promise<boolean> => (await client.get<Incidents>('/api/incidents')).incidents.length > 0;
  await until(known, { describe: 'an incident', withinMs: 30_000 });
  await using top = await startTop(socket);
  await top.waitFor((text) => /^slow \S+ ago: \S+/m.test(text));
  top.type('q');
  assert.equal(await top.ended(), 0);
});

test('NO_COLOR is obeyed', LONG, async (t) => {
  const { server, socket } = await serveForTop(t, 'loop.mjs', '--max', '2');
  await using _server = server;
  // oxlint-disable-next-line no-control-regex
  const colours = /\u001b\[(?:\d+;)*(?:[349][0-7]|[34]8)(?:;\d+)*m/;
  for (const [env, hasColours] of [
    [{ NO_COLOR: '1' }, false],
    [{ NO_COLOR: '' }, true],
  ] as const) {
    await using top = await startTop(socket, { env });
    await top.waitFor((text) => /^> \d+ .*idle/m.test(text));
    top.type('q');
    await top.ended();
    assert.equal(colours.test(top.output), hasColours);
  }
});
