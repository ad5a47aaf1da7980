import type { Graph } from './walk.ts';
import { sourceKindOf } from './source-kind.ts';

/**
 * The modules that workers load from the cache: all that were compiled, and the JavaScript that leads to one of them, for Node
 * would look for its imports beside the source. Sorted, so that the same graph gives the same names.
 */
export function linkedPaths({ modules }: Graph): string[] {
  const importers = new Map<string, string[]>();
  const linked = new Set<string>();
  const waiting: string[] = [];
  for (const module of modules.values()) {
    if (sourceKindOf(module.path) === 'compiled') waiting.push(module.path);
    for (const { target } of module.links) {
      if (target.type !== 'file') continue;
      const known = importers.get(target.path);
      if (known === undefined) importers.set(target.path, [module.path]);
      else known.push(module.path);
    }
  }
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (linked.has(path)) continue;
    linked.add(path);
    waiting.push(...(importers.get(path) ?? []));
  }
  return [...linked].toSorted();
}
