import { extname } from 'node:path';
import { parseSync } from 'oxc-parser';
import { transform, type TransformOptions, type TransformResult } from 'oxc-transform';
import { analyse, type Analysis } from './analyse.ts';
import { keepLines } from './keep-lines.ts';
import type { ModuleFormat, ModuleText } from './module-text.ts';
import type { PackageType } from './package-type.ts';
import { compilerError, sourceError } from './source-error.ts';
import { sourceKindOf } from './source-kind.ts';
import { formatOf, readSyntax, type SourceSyntax } from './source-syntax.ts';

export interface Source {
  /** Absolute; its extension says which language it is. */
  readonly path: string;
  readonly text: string;
  readonly packageType: PackageType;
  readonly transform: TransformOptions;
}

/**
 * Compiles one TypeScript or JSX file to JavaScript with the lines of its source; a JavaScript file is only analysed.
 *
 * @throws PreforkError ERR_HANDLER_LOAD with file, line and column
 */
export async function compileSource(source: Source): Promise<ModuleText> {
  const { path, text } = source;
  const extension = extname(path);
  const parsed = parseSync(path, text, extension === '.cts' || extension === '.cjs' ? { sourceType: 'commonjs' } : {});
  const syntax = readSyntax(parsed);
  const format = formatOf(path, source.packageType, syntax);
  if (sourceKindOf(path) === 'script') return moduleTextOf(analyse(path, text, format, false), text, true);

  const [error] = parsed.errors;
  if (error !== undefined && format === 'module') throw compilerError(path, text, error.labels[0]?.start ?? 0, error.message);
  refuseWhatCannotRun(source, syntax, format);

  const compiled = await runCompiler(source, format);
  // In an explicit ES module these names do not exist, and code may ask for that.
  const givesCommonjs = syntax.importEquals || !(extension === '.mts' || source.packageType === 'module');
  const analysis = analyse(path, compiled.code, format, givesCommonjs);
  const code = await keepLines(path, compiled, analysis);
  if (code === null) return moduleTextOf(analysis, withSourceMap(source, compiled), false);
  return moduleTextOf(analyse(path, code, format, givesCommonjs), code, true);
}

function moduleTextOf(
  { templates: _templates, remarks: _remarks, ...analysis }: Analysis,
  code: string,
  keepsLines: boolean,
): ModuleText {
  return { ...analysis, code, keepsLines };
}

function refuseWhatCannotRun({ path, text, transform: { decorator } }: Source, syntax: SourceSyntax, format: ModuleFormat): void {
  const refuse = (offset: number, found: string, advice: string): never => {
    throw sourceError(path, text, offset, `found ${found}: ${advice}`);
  };
  if (format === 'module' && syntax.exportEqualsAt !== undefined) {
    const advice = 'write "export default", or turn each import into "import x = require()"';
    refuse(syntax.exportEqualsAt, '"export =" in an ES module, expected one module system', advice);
  }
  if (syntax.decoratorAt !== undefined && decorator?.legacy !== true) {
    const advice = 'set "experimentalDecorators": true in tsconfig.json, or leave it out';
    refuse(syntax.decoratorAt, 'a standard decorator, which no Node version runs yet', advice);
  }
  if (syntax.accessorAt !== undefined) {
    refuse(syntax.accessorAt, 'an "accessor" field, which no Node version runs yet', 'write a getter and a setter');
  }
}

async function runCompiler({ path, text, transform: options }: Source, format: ModuleFormat): Promise<TransformResult> {
  const result = await transform(path, text, { ...options, sourceType: format, sourcemap: true });
  const [error] = result.errors;
  // Where only types were exported, the compiler leaves this behind to keep a module a module.
  if (error === undefined)
    return format === 'module' ? result : { ...result, code: result.code.replace(/(?:^|\n)export \{\};\n*$/, '\n') };
  // These offsets count bytes, while those of the parser count UTF-16 units.
  const before = Buffer.from(text)
    .subarray(0, error.labels.at(-1)?.start ?? 0)
    .toString();
  throw compilerError(path, text, before.length, error.message);
}

function withSourceMap({ path, text }: Source, { code, map }: TransformResult): string {
  const json = JSON.stringify({ ...map, sources: [path], sourcesContent: [text] });
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(json).toString('base64')}\n`;
}
