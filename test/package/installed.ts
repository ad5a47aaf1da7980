/** The package as a user has it: packed by `npm pack` with all that it does before, and installed from that file in an empty folder. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { endsWithTest } from '../support/ends-with-test.ts';
import { root } from '../support/paths.ts';

/** What is not packed, or is made by packing. */
const LEFT_OUT = new Set(['.git', '.test-build', 'bench', 'coverage', 'dist', 'docs', 'node_modules', 'test', 'tools']);

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Installed extends AsyncDisposable {
  /** A project that has `prefork` in its `node_modules`, and nothing else. */
  readonly folder: string;
  /** Its `prefork` command. */
  readonly bin: string;
}

/** Packs a copy of the checkout, for packing removes `dist`, which other tests run from, and installs it with its dependencies. */
export async function installPacked(): Promise<Installed> {
  const home = await mkdtemp(join(await realpath(tmpdir()), 'prefork-package-'));
  try {
    const copy = join(home, 'checkout');
    await cp(root, copy, { recursive: true, filter: (path) => !LEFT_OUT.has(relative(root, path).split(sep)[0] ?? '') });
    await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
    const packed = JSON.parse(await npm(['pack', '--json', '--silent', '--pack-destination', home], copy)) as [
      { filename: string },
    ];
    const folder = join(home, 'project');
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), '{"private":true,"type":"module"}');
    const archive = join(home, basename(packed[0].filename));
    await npm(['install', '--prefer-offline', '--no-audit', '--no-fund', '--silent', archive], folder);
    return {
      folder,
      bin: join(folder, 'node_modules', '.bin', 'prefork'),
      [Symbol.asyncDispose]: () => rm(home, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** Writes files into the project; a text is a file as it is, anything else JSON. */
export async function addFiles({ folder }: Installed, files: Readonly<Record<string, unknown>>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** Those of the installed packages that npm would run a script of. */
export async function packagesWithScripts({ folder }: Installed): Promise<string[]> {
  const lock = JSON.parse(await readFile(join(folder, 'node_modules', '.package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly hasInstallScript?: boolean }>>;
  };
  const packages = Object.entries(lock.packages);
  assert.ok(packages.some(([name]) => name === 'node_modules/prefork'));
  return packages.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([name]) => name);
}

/** Runs a command to its end; the Node that it finds first in its PATH is the given one. */
export async function run(command: string, args: readonly string[], cwd: string, node = process.execPath): Promise<Outcome> {
  const child = spawn(command, args, { cwd, env: environment(node), stdio: ['ignore', 'pipe', 'pipe'] });
  endsWithTest(child);
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [code, stdout, stderr] = await Promise.all([closed, text(child.stdout), text(child.stderr)]);
  return { code, stdout, stderr };
}

/** Without what the npm and the node:test above tell about themselves; each version of Node has a format of its own for coverage. */
function environment(node: string): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(lifecycle|package)_|INIT_CWD$|NODE_TEST_CONTEXT$|NODE_V8_COVERAGE$|PREFORK_)/.test(name),
  );
  // tools/npm-environment.mjs
  const certificates = process.env['CA_CERTS_FOR_NPM'] ?? process.env['NODE_EXTRA_CA_CERTS'];
  return {
    ...Object.fromEntries(kept),
    NODE_EXTRA_CA_CERTS: certificates,
    PATH: `${dirname(node)}:${process.env['PATH'] ?? ''}`,
  };
}

async function npm(args: readonly string[], cwd: string): Promise<string> {
  const { code, stdout, stderr } = await run('npm', args, cwd);
  assert.equal(code, 0, `npm ${args.join(' ')} ended with ${code}: ${stdout}${stderr}`);
  return stdout;
}
