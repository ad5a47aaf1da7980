import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { after, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { areSessionsGroups, launch } from '../../src/supervisor/launch.ts';
import { Sentinel } from '../../src/supervisor/sentinel.ts';
import { until } from '../support/until.ts';

const PRINT =
  'process.stdout.write(JSON.stringify([process.argv.slice(1), process.env, process.execPath])); process.stdin.resume()';
const SCHED_OTHER = 0;
const SCHED_IDLE = 5;

/** proc_pid_stat: after the name come state, parent, group and session; the policy is the 39th of them. */
function statOf(pid: number): { readonly group: number; readonly session: number; readonly policy: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { group: Number(fields[2]), session: Number(fields[3]), policy: Number(fields[38]) };
}

suite('the process of a worker', { skip: process.platform !== 'linux' }, () => {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PERL')));

  for (const [what, variables] of [
    ['as the system has it', {}],
    ['beside variables of Perl', { PERL5OPT: '-w' }],
    ['with a locale that is not there', { LC_ALL: 'xx_XX.UTF-8' }],
  ] as const) {
    test(`leads a group, and is what was asked for: ${what}`, async (t) => {
      const {
        command,
        args,
        detached,
        env: its,
      } = launch(process.execPath, ['-e', PRINT, 'a b', '$c'], { ...env, ...variables });
      const child = spawn(command, args, { detached, env: its, stdio: ['pipe', 'pipe', 'pipe'] });
      t.after(() => child.kill('SIGKILL') && once(child, 'exit'));
      let complaints = '';
      child.stderr.on('data', (bytes: Buffer) => (complaints += bytes.toString()));
      const [bytes] = (await once(child.stdout, 'data')) as [Buffer];
      assert.deepEqual(JSON.parse(bytes.toString()), [['a b', '$c'], { ...env, ...variables }, process.execPath]);
      assert.equal(complaints, '');
      const { group, session } = statOf(child.pid ?? 0);
      assert.equal(group, child.pid);
      assert.equal(session, detached ? child.pid : statOf(process.pid).session);
      const hasPerl = existsSync('/usr/bin/perl');
      if (!areSessionsGroups() || !hasPerl || 'PERL5OPT' in variables) assert.ok(detached);
    });
  }

  test('has a session of its own where there is a terminal', async () => {
    const file = new URL('../../src/supervisor/launch.js', import.meta.url).href;
    const code = `import("${file}").then(({ launch }) => process.stdout.write("detached " + launch("x", [], {}).detached))`;
    const { stdout } = await promisify(execFile)('script', ['-qec', `'${process.execPath}' -e '${code}'`, '/dev/null']);
    assert.match(stdout, /detached true/);
  });
});

suite('the policy of a process', { skip: process.platform !== 'linux' || !existsSync('/usr/bin/chrt') }, () => {
  const sentinel = new Sentinel();
  after(() => sentinel.close());

  test('is changed for one that is watched, and for no other', async (t) => {
    const [watched, other] = [0, 1].map(() => spawn('sleep', ['1000'], { stdio: 'ignore' }));
    for (const child of [watched, other]) t.after(() => child?.kill('SIGKILL') === true && once(child, 'exit'));
    const [pid, otherPid] = [watched?.pid ?? 0, other?.pid ?? 0];
    sentinel.watch(pid);
    sentinel.setIdle(otherPid, true);
    sentinel.setIdle(pid, true);
    await until(() => statOf(pid).policy === SCHED_IDLE, { describe: 'SCHED_IDLE' });
    assert.equal(statOf(otherPid).policy, SCHED_OTHER);
    sentinel.setIdle(pid, false);
    // Only root may raise a priority again.
    if (process.getuid?.() === 0) await until(() => statOf(pid).policy === SCHED_OTHER, { describe: 'SCHED_OTHER' });
    sentinel.forget(pid);
  });
});
