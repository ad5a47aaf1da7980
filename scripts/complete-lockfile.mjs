/**
 * Adds to package-lock.json the optional packages, binaries for other platforms, that npm left out because the registry in use does
 * not have them. Without these entries `npm ci` refuses the lockfile; with them it skips what the platform at hand does not need.
 *
 * An entry that is added has the exact version that its parent asks for, and no hash, as there is nothing to hash. npm writes one
 * when it next installs from a registry that has the package. Run this after `npm install`; `check-dependencies.mjs` says when.
 *
 *   node scripts/complete-lockfile.mjs [LOCKFILE]      that of the package itself, if none is named
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SYSTEMS = new Set(['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']);
const PROCESSORS = new Set(['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64']);

/** The optional packages of a lockfile that have no entry, as [parent, name, version]. */
export function missingOptionals({ packages }) {
  return Object.entries(packages).flatMap(([parent, entry]) =>
    Object.entries(entry.optionalDependencies ?? {})
      .filter(
        ([name]) => packages[`${parent}/node_modules/${name}`] === undefined && packages[`node_modules/${name}`] === undefined,
      )
      .map(([name, version]) => [parent, name, version]),
  );
}

/** The entry of a package for one platform, as its name tells it: the names end in SYSTEM-PROCESSOR or SYSTEM-PROCESSOR-LIBC. */
function toEntry(name, version, isDev) {
  const words = name.slice(name.lastIndexOf('/') + 1).split('-');
  const os = words.find((word) => SYSTEMS.has(word));
  const cpu = words.find((word) => PROCESSORS.has(word));
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(
      `lockfile: can not tell the platform of ${name}@${version} from its name; install from a registry that has it`,
    );
  }
  const libc = words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc';
  const hasLibc = words.some((word) => /^(musl|gnu)/.test(word));
  return {
    version,
    cpu: [cpu],
    ...(isDev ? { dev: true } : {}),
    ...(hasLibc ? { libc: [libc] } : {}),
    optional: true,
    os: [os],
  };
}

function complete(path) {
  const lockfile = JSON.parse(readFileSync(path, 'utf8'));
  const missing = missingOptionals(lockfile);
  for (const [parent, name, version] of missing) {
    lockfile.packages[`node_modules/${name}`] = toEntry(name, version, lockfile.packages[parent].dev === true);
  }
  lockfile.packages = Object.fromEntries(Object.entries(lockfile.packages).toSorted(([a], [b]) => a.localeCompare(b, 'en')));
  if (missing.length > 0) writeFileSync(path, `${JSON.stringify(lockfile, null, 2)}\n`);
  console.log(`lockfile: ${missing.length} packages for other platforms added`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    complete(process.argv[2] ?? fileURLToPath(new URL('../package-lock.json', import.meta.url)));
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
