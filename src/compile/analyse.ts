import { type Expression, parseSync, type Program, type SpreadElement, type StringLiteral, Visitor } from 'oxc-parser';
import type { Span } from './layout.ts';
import type { ModuleFormat, ModuleText, Reference } from './module-text.ts';
import { compilerError } from './source-error.ts';

export interface Analysis extends Omit<ModuleText, 'code' | 'keepsLines'> {
  readonly templates: readonly Span[];
  /** Comments and the hashbang. */
  readonly remarks: readonly Span[];
}

const COMMONJS_NAMES = ['require', '__filename', '__dirname'] as const;

/**
 * Finds in JavaScript all that linking has to know.
 *
 * @param givesCommonjs whether an ES module shall get `require`, `__filename` and `__dirname` where it names them
 * @throws PreforkError ERR_HANDLER_LOAD when the code can't be parsed
 */
export function analyse(path: string, code: string, format: ModuleFormat, givesCommonjs: boolean): Analysis {
  const parsed = parseSync(path, code, { lang: 'js', sourceType: format });
  const [error] = parsed.errors;
  if (error !== undefined) throw compilerError(path, code, error.labels[0]?.start ?? 0, error.message);
  const { program } = parsed;
  const finder = new Finder(code);
  finder.visit(program);
  const commonjsNames = format === 'module' && givesCommonjs ? finder.undeclaredNames() : [];
  const requireIsNodes = format === 'commonjs' || commonjsNames.includes('require');
  for (const found of finder.references) if (found.kind === 'require' && !requireIsNodes) found.kind = 'aside';
  const hashbang = program.hashbang === null ? [] : [{ start: program.hashbang.start, end: program.hashbang.end }];
  return {
    format,
    references: finder.references.toSorted((a, b) => a.start - b.start),
    computedImports: finder.computedImports,
    usesMeta: finder.usesMeta,
    usesMetaResolve: finder.usesMetaResolve,
    commonjsNames,
    preludeAt: preludePlace(program),
    templates: finder.templates,
    remarks: [...hashbang, ...parsed.comments.map(({ start, end }) => ({ start, end }))],
  };
}

function preludePlace(program: Program): number {
  let place = program.hashbang?.end ?? 0;
  for (const statement of program.body) {
    if (!('directive' in statement) || typeof statement.directive !== 'string') break;
    place = statement.end;
  }
  return place;
}

class Finder {
  readonly references: Reference[] = [];
  readonly computedImports: number[] = [];
  readonly templates: Span[] = [];
  usesMeta = false;
  usesMetaResolve = false;
  readonly #code: string;
  readonly #used = new Set<string>();
  readonly #declared = new Set<string>();

  constructor(code: string) {
    this.#code = code;
  }

  undeclaredNames(): (typeof COMMONJS_NAMES)[number][] {
    return COMMONJS_NAMES.filter((name) => this.#used.has(name) && !this.#declared.has(name));
  }

  visit(program: Program): void {
    const declare = (node: Span | null): void => {
      if (node !== null) for (const name of namesIn(this.#code, node)) this.#declared.add(name);
    };
    const statement = (at: number, source: StringLiteral, attributes: readonly unknown[]): void => {
      this.#refer('static', at, source.value, source, attributes.length > 0);
    };
    new Visitor({
      ImportDeclaration: (node) => statement(node.start, node.source, node.attributes),
      ExportAllDeclaration: (node) => statement(node.start, node.source, node.attributes),
      ExportNamedDeclaration: (node) => {
        if (node.source !== null) statement(node.start, node.source, node.attributes);
      },
      ImportExpression: (node) => {
        const specifier = constantText(node.source);
        if (specifier === undefined) this.computedImports.push(node.start);
        else this.#refer('dynamic', node.start, specifier, node.source, node.options !== null);
      },
      CallExpression: (node) => {
        const [argument] = node.arguments;
        if (node.callee.type !== 'Identifier' || node.callee.name !== 'require' || argument === undefined) return;
        const specifier = constantText(argument);
        if (specifier !== undefined) this.#refer('require', node.start, specifier, argument, false);
      },
      MemberExpression: (node) => {
        if (node.object.type !== 'MetaProperty' || node.property.type !== 'Identifier') return;
        if (node.property.name === 'resolve') this.usesMetaResolve = true;
      },
      MetaProperty: (node) => {
        if (node.meta.name === 'import') this.usesMeta = true;
      },
      Identifier: (node) => void this.#used.add(node.name),
      VariableDeclarator: (node) => declare(node.id),
      FunctionDeclaration: (node) => declare(node.id),
      ImportSpecifier: (node) => declare(node.local),
      ImportDefaultSpecifier: (node) => declare(node.local),
      ImportNamespaceSpecifier: (node) => declare(node.local),
      TemplateElement: (node) => void this.templates.push({ start: node.start, end: node.end }),
    }).visit(program);
  }

  #refer(kind: Reference['kind'], at: number, specifier: string, { start, end }: Span, attributes: boolean): void {
    this.references.push({ kind, specifier, at, start, end, attributes });
  }
}

/** Whether a pattern such as `{ require }` binds names is read off its text: a name too many only means that it is not given. */
function namesIn(code: string, { start, end }: Span): string[] {
  return COMMONJS_NAMES.filter((name) => new RegExp(`(?<![.\\w$])${name}(?![\\w$])`).test(code.slice(start, end)));
}

/** The value of a string literal, or of a template without expressions. */
function constantText(node: Expression | SpreadElement): string | undefined {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : undefined;
  if (node.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}
