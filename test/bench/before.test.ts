import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { chooseBefore, WrongBefore } from '../../bench/before/choose.ts';
import { root } from '../support/paths.ts';

const folder = mkdtempSync(join(tmpdir(), 'prefork-before-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A prefork that is small: its pool calls nobody, and its build takes no time. */
const POOL = `export const createPool = () => ({ ready: null, run: async (name, [value]) => value + 1, close() {} });
export const serve = null;
`;
const BUILD = `import { mkdirSync, copyFileSync } from 'node:fs';
mkdirSync('dist');
copyFileSync('pool.js', 'dist/index.js');
`;

function project(name: string): string {
  const place = join(folder, name);
  mkdirSync(join(place, 'node_modules'), { recursive: true });
  writeFileSync(join(place, 'pool.js'), POOL);
  writeFileSync(join(place, 'build.mjs'), BUILD);
  git(place, 'init', '--quiet');
  return place;
}

function git(place: string, ...args: readonly string[]): string {
  const who = ['-c', 'user.name=a', '-c', 'user.email=a@example.com', '-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false'];
  return execFileSync('git', ['-C', place, ...who, ...args], { encoding: 'utf8' }).trim();
}

function commit(place: string, version: string, build = 'node build.mjs'): string {
  const manifest = { name: 'prefork', version, type: 'module', scripts: { build } };
  writeFileSync(join(place, 'package.json'), JSON.stringify(manifest));
  git(place, 'add', '--all');
  git(place, 'commit', '--quiet', '--allow-empty', '--message', version);
  return git(place, 'rev-parse', 'HEAD');
}

/** What a choice says, and what comes of it. */
async function choose(what: string | undefined, place: string): Promise<{ chosen: unknown; lines: readonly string[] }> {
  const lines: string[] = [];
  const before = await chooseBefore(what, place, (line) => lines.push(line));
  return { chosen: before?.entry ?? null, lines };
}

function refusalOf(what: string, place: string): Promise<string> {
  return chooseBefore(what, place, () => {}).then(
    () => 'none',
    (error: unknown) => (error instanceof WrongBefore ? error.message : `another error: ${(error as Error).message}`),
  );
}

suite('a reference of git', () => {
  const place = project('references');
  const first = commit(place, '1.9.0');
  git(place, 'tag', 'v1.9.0');
  commit(place, '1.10.0-rc.1');
  git(place, 'tag', 'v1.10.0-rc.1');
  const release = commit(place, '1.10.0');
  git(place, 'tag', 'v1.10.0');
  git(place, 'tag', 'vague');
  git(place, 'checkout', '--quiet', '-b', 'aside', first);
  commit(place, '2.0.0');
  git(place, 'tag', 'v2.0.0');
  git(place, 'checkout', '--quiet', '-');
  commit(place, '1.11.0');
  git(place, 'tag', 'v1.11.0');
  const built = `bench/.before/${release.slice(0, 10)}`;
  const entry = { reference: 'v1.10.0', commit: release, version: '1.10.0', folder: built };

  test('the last release that HEAD comes after is taken by itself, and built once', async () => {
    const once = await choose(undefined, place);
    assert.deepEqual(once.chosen, entry);
    assert.match(
      once.lines.join('\n'),
      /^before: builds \w{10} in bench\/\.before\/\w{10}, once\nbefore: v1\.10\.0, 1\.10\.0, \w{10}, beside /,
    );
    assert.equal(readFileSync(join(place, built, 'dist', 'index.js'), 'utf8'), POOL);
    const twice = await choose(undefined, place);
    assert.deepEqual([twice.chosen, twice.lines.length], [entry, 1]);
  });

  test('any commit can be named, and none', async () => {
    const { chosen } = await choose('HEAD~3', place);
    assert.deepEqual(chosen, {
      reference: 'HEAD~3',
      commit: first,
      version: '1.9.0',
      folder: `bench/.before/${first.slice(0, 10)}`,
    });
    assert.deepEqual(await choose('none', place), { chosen: null, lines: [] });
    // Git knows nothing of it.
    assert.deepEqual(readdirSync(join(place, '.git')).includes('worktrees'), false);
  });

  test('what names nothing is refused with what was expected', async () => {
    const expected = 'expected the folder of a built prefork, or a tag, branch or commit of this repository';
    assert.equal(await refusalOf('v9', place), `--before: found "v9", ${expected}, or none`);
    assert.equal(await refusalOf('', place), `--before: found "", ${expected}, or none`);
  });

  test('without git a reference is refused, and no release is measured', async (t) => {
    const { PATH } = process.env;
    t.after(() => {
      process.env['PATH'] = PATH;
    });
    process.env['PATH'] = folder;
    assert.match(await refusalOf('HEAD~1', place), /^--before: found no folder "HEAD~1", and found no git; expected /);
    const { chosen, lines } = await choose(undefined, place);
    assert.equal(chosen, null);
    assert.match(lines.join('\n'), /^before: found no git, so no release is measured; --before WHAT /);
  });
});

test('a project without a release says so; one that is part of another repository has none', async () => {
  const place = project('unreleased');
  commit(place, '0.1.0');
  git(place, 'tag', 'v0.1.0');
  const { chosen, lines } = await choose(undefined, place);
  assert.equal(chosen, null);
  assert.match(lines.join('\n'), /^before: found no tag v\* that HEAD comes after, so no release is measured; --before WHAT /);
  const part = join(place, 'part');
  mkdirSync(part);
  assert.match((await choose(undefined, part)).lines.join('\n'), /^before: found no repository of git/);
});

test('a build that fails is told, and ends only a run that asked for it', async () => {
  const place = project('broken');
  commit(place, '0.1.0', 'echo no compiler && exit 3');
  git(place, 'tag', 'v0.1.0');
  commit(place, '0.2.0');
  assert.match(await refusalOf('v0.1.0', place), /^another error: npm run --silent build ended with exit code 3: .*no compiler/);
  const { chosen, lines } = await choose(undefined, place);
  assert.equal(chosen, null);
  assert.match(lines.at(-1) ?? '', /^before: the release v0\.1\.0 is not measured, as it can not be built; .*no compiler/);
  assert.deepEqual(readdirSync(join(place, 'bench', '.before')), []);
});

suite('a folder', () => {
  test('is taken as it is when it holds a built prefork', async () => {
    const place = join(folder, 'package');
    mkdirSync(join(place, 'dist'), { recursive: true });
    writeFileSync(
      join(place, 'package.json'),
      JSON.stringify({ name: 'prefork', version: '0.0.9', dependencies: { needed: '1' } }),
    );
    assert.match(await refusalOf(place, root), /^--before: found no dist\/index\.js in .* run npm run build there$/);
    writeFileSync(join(place, 'dist', 'index.js'), POOL);
    assert.match(await refusalOf(place, root), /^--before: found no package needed for .* run npm install --omit=dev there/);
    mkdirSync(join(place, 'node_modules', 'needed'), { recursive: true });
    const { chosen } = await choose(place, root);
    assert.deepEqual(chosen, { reference: null, commit: null, version: '0.0.9', folder: place });
  });

  test('is refused when it holds anything else', async () => {
    assert.match(
      await refusalOf(folder, root),
      /^--before: found the folder ".*" without a package\.json that has a name, expected /,
    );
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'postfork' }));
    assert.match(await refusalOf(folder, root), /^--before: found the folder ".*" of the package "postfork", expected /);
  });
});

test('the programs of the bench use the prefork that they are given', () => {
  const place = join(folder, 'given');
  mkdirSync(join(place, 'dist'), { recursive: true });
  writeFileSync(join(place, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(place, 'dist', 'index.js'), `${POOL}process.stderr.write('the given one');`);
  const run = (build: string | undefined): string =>
    execFileSync('sh', ['-c', '"$0" run-one.mjs ./prefork/threads.mjs next 1 0.1 1 2>&1', process.execPath], {
      cwd: join(root, 'bench', 'pools'),
      env: { ...process.env, PREFORK_BENCH_FOLDER: build },
      encoding: 'utf8',
    });
  assert.match(run(place), /^the given one\{"perSecond":/);
  // Without one it is the present build.
  assert.ok(existsSync(join(root, 'dist', 'index.js')), 'npm run build first');
  assert.match(run(undefined), /^\{"perSecond":/);
});
