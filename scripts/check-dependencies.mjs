/**
 * Checks what package.json and its lockfile promise: exact versions, no package with an install script, no registry's address
 * in the lockfile (`npm config set omit-lockfile-registry-resolved true` keeps it out), and an entry for every platform's binary.
 */
import { readFileSync } from 'node:fs';
import { missingOptionals } from './complete-lockfile.mjs';

const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
/** Peers that are measured against, test runners and frameworks that are tried may bring such scripts: an .npmrc beside them keeps them from running. */
const RUNS_NO_SCRIPTS = new Set(['bench/', 'test/runners/', 'test/built-apps/']);
const faults = [];

for (const folder of ['', 'tools/runtimes/', 'tools/api-reference/', 'bench/', 'test/runners/', 'test/built-apps/']) {
  const manifest = read(`${folder}package.json`);
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    for (const [name, version] of Object.entries(manifest[field] ?? {})) {
      if (!EXACT.test(version)) faults.push(`${folder}package.json: ${name} is "${version}", expected one exact version`);
    }
  }

  const lockfile = read(`${folder}package-lock.json`);
  for (const [parent, name] of missingOptionals(lockfile)) {
    faults.push(
      `${folder}package-lock.json: ${name} of ${parent} is missing, so npm ci will fail; run node scripts/complete-lockfile.mjs ${folder}package-lock.json`,
    );
  }
  for (const [path, entry] of Object.entries(lockfile.packages)) {
    if (entry.hasInstallScript === true && !RUNS_NO_SCRIPTS.has(folder))
      faults.push(`${folder}package-lock.json: ${path} has an install script; use another package`);
    if (/^https?:/.test(entry.resolved ?? ''))
      faults.push(`${folder}package-lock.json: ${path} names the host it came from; remove "resolved"`);
  }
}

for (const fault of faults) console.error(fault);
console.log(
  faults.length === 0 ? 'dependencies: exact, without install scripts, without hosts' : `dependencies: ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;

function read(path) {
  return JSON.parse(readFileSync(new URL(`../${path}`, import.meta.url), 'utf8'));
}
