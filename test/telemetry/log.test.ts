import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { suite, test, type TestContext } from 'node:test';
import type { PreforkEvent } from '../../src/events/events.ts';
import type { ErrorCode } from '../../src/errors/codes.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { EVENTS } from './events.ts';

/** pino's numbers. */
const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const;
const worker = { worker: 1, pid: 2 };
const ALL = EVENTS.map(({ event }) => event);
/** Of util-linux: runs a command on a terminal of its own. */
const TERMINAL = 'script';

const source = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);
/** Logs the events that come as JSON on stdin, with the level that is its argument, and ends as abruptly as a process can. */
const PROGRAM = `
import { json } from 'node:stream/consumers';
import { publish } from ${source('events/events.js')};
import { startLog } from ${source('telemetry/log.js')};
const events = await json(process.stdin);
const stop = await startLog(process.argv[2]);
for (const event of events) publish(event);
stop();
publish({ type: 'server:notice', message: 'after the end of the log' });
process.kill(process.pid, 'SIGKILL');
`;

/** The lines that a process of its own writes to a stderr that is no terminal. */
async function logged(t: TestContext, events: readonly PreforkEvent[], level = 'debug'): Promise<string[]> {
  const folder = await temporaryFolder(t, { 'program.mjs': PROGRAM });
  const child = spawn(process.execPath, [join(folder, 'program.mjs'), level], { stdio: ['pipe', 'inherit', 'pipe'] });
  child.stdin.end(JSON.stringify(events));
  const lines = (await readText(child.stderr)).split('\n');
  assert.equal(lines.pop(), '', 'the last line has an end');
  return lines;
}

suite('the log, when stderr is no terminal', () => {
  test('is one JSON line for each event that has one, complete although the process was killed', async (t) => {
    const lines = (await logged(t, ALL)).map((line) => JSON.parse(line));
    const expected = EVENTS.filter(({ level }) => level !== undefined);
    assert.equal(lines.length, expected.length);
    for (const [index, { event, level = 'debug', message, fields }] of expected.entries()) {
      const { pid, time, ...rest } = lines[index];
      assert.ok(Number.isInteger(pid) && Number.isInteger(time));
      assert.deepEqual(rest, { level: LEVELS[level], event: event.type, ...fields, msg: message });
    }
  });

  test('leaves out what is below its level', async (t) => {
    for (const level of ['error', 'warn', 'info', 'debug'] as const) {
      const lines = await logged(t, ALL, level);
      const expected = EVENTS.filter((logs) => logs.level !== undefined && LEVELS[logs.level] >= LEVELS[level]);
      assert.equal(lines.length, expected.length, level);
    }
    assert.deepEqual(await logged(t, ALL, 'silent'), []);
  });

  test('escapes what workers and clients say', async (t) => {
    const hostile = '\u001b[31m\u202ered\r\n{"level":60,"msg":"forged"}\u2028';
    const lines = await logged(t, [
      { type: 'worker:output', stream: 'stdout', line: hostile, ...worker },
      {
        type: 'task:failed',
        task: 1,
        code: 'ERR_HANDLER_THREW',
        message: hostile,
        stack: hostile,
        method: 'GET',
        target: hostile,
        pid: 1,
        runMs: 5,
        incident: null,
      },
    ]);
    assert.equal(lines.length, 2);
    for (const line of lines) assert.doesNotMatch(line, /\p{Cc}|\p{Bidi_Control}|\p{Zl}/u);
    assert.doesNotMatch(JSON.parse(lines[1] ?? '').msg, /\n/);
  });

  test('has one line for the first that is turned away for a reason, and one for all that follow it within a second', async (t) => {
    const refused = (task: number, code: ErrorCode): PreforkEvent => ({
      type: 'task:failed',
      task,
      code,
      message: `task ${task}`,
      stack: '',
      method: 'GET',
      target: '/',
      pid: null,
      runMs: null,
      incident: null,
    });
    const lines = await logged(t, [
      ...[1, 2, 3, 4].map((task) => refused(task, 'ERR_QUEUE_FULL')),
      refused(5, 'ERR_QUEUE_TIMEOUT'),
      refused(6, 'ERR_HANDLER_THREW'),
      refused(7, 'ERR_HANDLER_THREW'),
    ]);
    const said = lines.map((line) => JSON.parse(line)).map(({ msg, count }) => (count === undefined ? msg : `${msg} (${count})`));
    assert.deepEqual(said, [
      'GET /: task 1',
      'GET /: task 5',
      'GET /: task 6',
      'GET /: task 7',
      '3 more requests were turned away within a second: ERR_QUEUE_FULL (3)',
    ]);
  });
});

suite('the log on a terminal', { skip: hasScript() ? false : 'no `script` command, which makes a terminal' }, () => {
  /** What a terminal shows. */
  async function shown(t: TestContext, events: readonly PreforkEvent[]): Promise<string> {
    const cwd = await temporaryFolder(t, { 'program.mjs': PROGRAM, 'events.json': JSON.stringify(events) });
    const command = `"${process.execPath}" program.mjs debug < events.json`;
    spawnSync(TERMINAL, ['-q', '-c', command, 'typescript'], { cwd, stdio: 'ignore', env: { ...process.env, NO_COLOR: '1' } });
    return readFileSync(join(cwd, 'typescript'), 'utf8')
      .replace(/^Script started.*\n/, '')
      .replace(/\nScript done[^]*$/, '');
  }

  test('is for people: the time, the level and the message', async (t) => {
    const text = withoutColours(await shown(t, [{ type: 'server:listening', url: 'http://127.0.0.1:5000', mode: 'pool' }]));
    assert.match(text, /^\[?\d\d:\d\d:\d\d\.\d{3}\]? INFO.*: listening on http:\/\/127\.0\.0\.1:5000 \(mode pool\)\r?\n?/m);
    assert.doesNotMatch(text, /"level"|hostname/);
  });

  test('obeys nothing that a worker or a client said, and shows no line of theirs as one of ours', async (t) => {
    const hostile = '\u001b[2J\u001b]0;title\u0007\u009b2J\u202eabc\r\n[00:00:00.000] INFO: forged';
    const text = await shown(t, [
      { type: 'worker:output', stream: 'stdout', line: hostile, ...worker },
      {
        type: 'task:failed',
        task: 1,
        code: 'ERR_HANDLER_THREW',
        message: hostile,
        stack: '',
        method: 'GET',
        target: hostile,
        pid: 1,
        runMs: 5,
        incident: null,
      },
    ]);
    assert.match(text, /forged/);
    assert.doesNotMatch(text, /^\S*00:00:00\.000.*forged/m);
    // Colours of the log's own apart.
    assert.doesNotMatch(withoutColours(text).replaceAll('\r\n', '\n'), /[^\P{Cc}\n]|\p{Bidi_Control}/u);
  });
});

function withoutColours(text: string): string {
  return text.replaceAll(new RegExp(String.raw`\u001b\[\d+m`, 'g'), '');
}

function hasScript(): boolean {
  return process.platform === 'linux' && spawnSync(TERMINAL, ['--version']).status === 0;
}
