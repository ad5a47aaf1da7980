import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { type BeforeEntry, showBefore } from '../before/before.ts';
import { ROOT_FOLDER } from '../paths.ts';
import { firstLineOf, packageVersion } from '../peers/needs.ts';

export interface Machine {
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryGb: number;
  readonly system: string;
}

const PACKAGES = ['piscina', 'tinypool', 'workerpool', 'poolifier', 'jest-worker', 'bullmq', 'pm2', 'wattpm'];

export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cpus: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
  };
}

/** The versions of all that is measured and is there. @param before the build beside the present one */
export function collectVersions(before: BeforeEntry | null): Readonly<Record<string, string>> {
  const manifest = JSON.parse(readFileSync(join(ROOT_FOLDER, 'package.json'), 'utf8')) as { version: string };
  const commit = firstLineOf('git', ['-C', ROOT_FOLDER, 'describe', '--always', '--dirty', '--abbrev=10']);
  const found: [string, string | undefined][] = [
    ['prefork', commit === undefined ? manifest.version : `${manifest.version} (${commit})`],
    ['prefork, before', before === null ? undefined : showBefore(before)],
    ['node', process.versions.node],
    ...PACKAGES.map((name): [string, string | undefined] => [name, packageVersion(name)]),
    ['go', firstLineOf('go', ['version'])],
    ['erlang', firstLineOf('erl', ['-noshell', '-eval', 'io:put_chars(erlang:system_info(otp_release)), halt().'])],
    ['redis', firstLineOf('redis-server', ['--version'])],
  ];
  return Object.fromEntries(found.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
