import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sourceError } from './source-error.ts';
import { sourceKindOf } from './source-kind.ts';
import type { GraphModule, Link } from './walk.ts';

export interface LinkTargets {
  /** Where the linked text of a source will be, as a `file:` URL; undefined when the source itself is loaded. */
  cachedUrl(path: string): string | undefined;
  /** `file:` URL of the module with `openScope()`. */
  readonly scopeUrl: string;
}

/** A replacement in a text. `start` equals `end` for an insertion. */
interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text that a worker loads: every specifier is an absolute address, and `import.meta` or `__filename` name the source, so that
 * the worker needs no hooks.
 *
 * @throws PreforkError ERR_HANDLER_LOAD when a static import leads nowhere
 */
export function linkModule(module: GraphModule, targets: LinkTargets): string {
  const { text } = module;
  const edits: Edit[] = [];
  let needsScope = text.usesMetaResolve || text.commonjsNames.length > 0;
  const askAtRuntime = (start: number): void => {
    needsScope = true;
    edits.push({ start, end: start + 'import'.length, text: '__preforkScope.import' });
  };
  for (const start of text.computedImports) askAtRuntime(start);
  for (const link of module.links) {
    if (link.reference.kind === 'dynamic' && link.target.type === 'missing') {
      // The program may be ready for it to fail; then Node has to be asked, and from the right folder.
      askAtRuntime(link.reference.at);
    } else {
      edits.push(...editsOf(module, link, targets));
    }
  }
  const isModule = text.format === 'module';
  const prelude = isModule ? modulePrelude(module, needsScope) : commonjsPrelude(module, needsScope, targets);
  edits.push({ start: text.preludeAt, end: text.preludeAt, text: prelude });
  const hashbang = /^#![^\n]*/.exec(text.code)?.[0] ?? '';
  edits.unshift({ start: 0, end: hashbang.length, text: '' });
  const lines = [applyEdits(text.code, edits)];
  if (isModule && needsScope) lines.push(`import{openScope as __preforkOpen}from${JSON.stringify(targets.scopeUrl)};`);
  if (text.keepsLines) lines.push(`//# sourceURL=${shownName(module)}`);
  return `${lines.join('\n')}\n`;
}

/** What stacks and the inspector call it: as Node does, a URL or a path, but V8 takes no name with a space or a quote in it. */
function shownName({ path, text }: GraphModule): string {
  return text.format === 'module' || /[\s'"]/.test(path) ? pathToFileURL(path).href : path;
}

function editsOf(module: GraphModule, { reference, target }: Link, targets: LinkTargets): Edit[] {
  const { kind, start, end, specifier, attributes } = reference;
  if (kind === 'aside' || target.type === 'elsewhere') return [];
  if (target.type === 'missing') {
    // A require that fails does so when it is called, and only then.
    if (kind === 'require') return [];
    const reason = `found ${kind === 'static' ? 'an import' : 'an import()'} of ${JSON.stringify(specifier)}, which leads nowhere (${target.reason})`;
    throw sourceError(
      module.path,
      module.text.code,
      start,
      `${reason}; expected a file or an installed package, correct the specifier`,
    );
  }
  const cached = targets.cachedUrl(target.path);
  if (kind === 'require') {
    if (cached !== undefined) return [{ start, end, text: JSON.stringify(fileURLToPath(cached)) }];
    // Node finds packages by itself; what TypeScript means by a path it may not find.
    const asWritten = sourceKindOf(module.path) === 'script' || target.path.includes('/node_modules/');
    return asWritten ? [] : [{ start, end, text: JSON.stringify(target.path) }];
  }
  const url = (cached ?? pathToFileURL(target.path).href) + target.suffix;
  // TypeScript's resolveJsonModule asks for no attribute, Node insists.
  const json = kind === 'static' && !attributes && target.path.endsWith('.json') ? ' with{type:"json"}' : '';
  return [{ start, end, text: JSON.stringify(url) + json }];
}

/** Runs before all else in the module's body. Imports are hoisted, so it may use what is imported in the last line. */
function modulePrelude({ path, text }: GraphModule, needsScope: boolean): string {
  if (!needsScope && !text.usesMeta) return '';
  const url = JSON.stringify(pathToFileURL(path).href);
  const names = text.commonjsNames.length > 0 ? `const{${text.commonjsNames.join()}}=__preforkScope;` : '';
  return [
    needsScope ? `const __preforkScope=__preforkOpen(import.meta.url,${url});${names}` : '',
    `import.meta.url=${url};import.meta.filename=${JSON.stringify(path)};import.meta.dirname=${JSON.stringify(dirname(path))};`,
    text.usesMetaResolve ? 'import.meta.resolve=__preforkScope.resolve;' : '',
  ].join('');
}

/** These are what `require` looks from, and what the module's wrapper calls by name. */
function commonjsPrelude({ path }: GraphModule, needsScope: boolean, { scopeUrl }: LinkTargets): string {
  const scope =
    'const __preforkScope={cached:require("node:url").pathToFileURL(__filename).href,' +
    `import:(...given)=>import(${JSON.stringify(scopeUrl)}).then(({openScope})=>` +
    `openScope(__preforkScope.cached,${JSON.stringify(pathToFileURL(path).href)}).import(...given))};`;
  return [
    needsScope ? scope : '',
    `module.id=module.filename=__filename=${JSON.stringify(path)};module.path=__dirname=${JSON.stringify(dirname(path))};`,
    'module.paths=module.constructor._nodeModulePaths(__dirname);',
  ].join('');
}

function applyEdits(code: string, edits: readonly Edit[]): string {
  let text = '';
  let at = 0;
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    text += code.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return text + code.slice(at);
}
