/**
 * The conditions under which this process, and so its workers, chooses among a package's `exports`.
 * https://nodejs.org/api/packages.html#conditional-exports
 */
export function conditionsFor(kind: 'import' | 'require'): string[] {
  const features: Readonly<Record<string, unknown>> = { ...process.features };
  return ['node', kind, ...(features['require_module'] === true ? ['module-sync'] : []), 'node-addons', ...userConditions()];
}

/** `--conditions=name`, `--conditions name` and `-C name`, on the command line or in NODE_OPTIONS. */
function userConditions(): string[] {
  const words = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  return words.flatMap((word, index) => {
    if (word.startsWith('--conditions=')) return [word.slice('--conditions='.length)];
    const next = words[index + 1];
    return (word === '-C' || word === '--conditions') && next !== undefined ? [next] : [];
  });
}
