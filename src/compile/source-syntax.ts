import { extname } from 'node:path';
import { type ParseResult, Visitor } from 'oxc-parser';
import type { ModuleFormat } from './module-text.ts';
import type { PackageType } from './package-type.ts';
import { sourceKindOf } from './source-kind.ts';

/** What the syntax of a source file says about how it has to run. */
export interface SourceSyntax {
  /** Whether it imports or exports the ES way. Where only types do, which are gone when it runs, names of CommonJS outweigh them. */
  readonly esm: boolean;
  /** Whether it has `import x = require()`. */
  readonly importEquals: boolean;
  /** Offset of `export =`. */
  readonly exportEqualsAt: number | undefined;
  /** Offset of the first decorator. */
  readonly decoratorAt: number | undefined;
  /** Offset of the first `accessor` field. */
  readonly accessorAt: number | undefined;
}

export function readSyntax({ module, program }: ParseResult): SourceSyntax {
  let importEquals = false;
  let exportEqualsAt: number | undefined;
  let decoratorAt: number | undefined;
  let accessorAt: number | undefined;
  let namesCommonjs = false;
  new Visitor({
    Identifier: ({ name }) => {
      if (name === 'module' || name === 'exports' || name === 'require') namesCommonjs = true;
    },
    TSExportAssignment: (node) => void (exportEqualsAt = node.start),
    TSExternalModuleReference: () => void (importEquals = true),
    Decorator: (node) => void (decoratorAt ??= node.start),
    AccessorProperty: (node) => void (accessorAt ??= node.start),
  }).visit(program);
  const imports = module.staticImports.map((found) => found.entries.length === 0 || found.entries.some((entry) => !entry.isType));
  const exports = module.staticExports.map((found) => found.entries.some((entry) => !entry.isType));
  const statements = [...imports, ...exports];
  // `export {}`, `import.meta` and a top-level `await` are none of these statements, but make a module too.
  const byOther = module.hasModuleSyntax && exportEqualsAt === undefined && (statements.length === 0 || !namesCommonjs);
  return { esm: byOther || statements.includes(true), importEquals, exportEqualsAt, decoratorAt, accessorAt };
}

/**
 * The module system of a file by extension, then package, then syntax, as Node decides. One exception: TypeScript that imports
 * the ES way is an ES module even where its package says CommonJS, for there this has always been the usual way to write it.
 */
export function formatOf(path: string, packageType: PackageType, { esm }: SourceSyntax): ModuleFormat {
  switch (extname(path)) {
    case '.mts':
    case '.mjs':
      return 'module';
    case '.cjs':
      return 'commonjs';
    case '.cts':
      return esm ? 'module' : 'commonjs';
    default:
      if (packageType === 'module') return 'module';
      if (packageType === 'commonjs' && sourceKindOf(path) === 'script') return 'commonjs';
      return esm ? 'module' : 'commonjs';
  }
}
