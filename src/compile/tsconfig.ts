import { dirname } from 'node:path';
import { type Cache, createPathsMatcher, getTsconfig, type TsConfigResult } from 'get-tsconfig';
import type { JsxOptions, TransformOptions } from 'oxc-transform';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';

/** What a tsconfig.json says to a compiler that does not check types. */
export interface Tsconfig {
  /** Absolute; null where there is none. */
  readonly path: string | null;
  readonly transform: TransformOptions;
  /** Absolute paths that `paths` and `baseUrl` offer for a specifier, best first. */
  candidates(specifier: string): readonly string[];
}

type CompilerOptions = NonNullable<TsConfigResult['config']['compilerOptions']>;

const NO_TSCONFIG: Tsconfig = { path: null, transform: transformOptions({}), candidates: () => [] };

/** Finds the tsconfig.json nearest to a file, `extends` followed. Each is read once. */
export class Tsconfigs {
  readonly #files: Cache = new Map();
  readonly #byFolder = new Map<string, Tsconfig>();

  /** @throws PreforkError ERR_HANDLER_LOAD when a tsconfig.json is no JSON, or extends one that is missing */
  of(path: string): Tsconfig {
    const folder = dirname(path);
    const known = this.#byFolder.get(folder);
    if (known !== undefined) return known;
    const tsconfig = this.#read(folder);
    this.#byFolder.set(folder, tsconfig);
    return tsconfig;
  }

  #read(folder: string): Tsconfig {
    let found: TsConfigResult | null;
    try {
      found = getTsconfig(folder, 'tsconfig.json', this.#files);
    } catch (cause) {
      const reason = messageOf(cause).replaceAll(/\s+/g, ' ');
      throw new PreforkError(
        'ERR_HANDLER_LOAD',
        `the tsconfig.json for ${folder} can't be read (${reason}): correct it, or remove it`,
        { cause },
      );
    }
    if (found === null) return NO_TSCONFIG;
    const match = createPathsMatcher(found);
    return {
      path: found.path,
      transform: transformOptions(found.config.compilerOptions ?? {}),
      candidates: match ?? (() => []),
    };
  }
}

function transformOptions(options: CompilerOptions): TransformOptions {
  const defines = options.useDefineForClassFields ?? !/^es(?:3|5|6|20(?:1\d|2[01]))$/i.test(options.target ?? 'esnext');
  return {
    // This very Node: what it can run is left as it is.
    target: `node${process.versions.node}`,
    jsx: jsxOptions(options),
    decorator: {
      legacy: options.experimentalDecorators === true,
      emitDecoratorMetadata: options.emitDecoratorMetadata === true,
    },
    typescript: {
      onlyRemoveTypeImports: options.verbatimModuleSyntax === true,
      removeClassFieldsWithoutInitializer: !defines,
      ...(options.jsxFactory === undefined ? {} : { jsxPragma: options.jsxFactory }),
    },
    assumptions: { setPublicClassFields: !defines },
  };
}

function jsxOptions(options: CompilerOptions): JsxOptions {
  if (options.jsx !== 'react') {
    return { runtime: 'automatic', ...(options.jsxImportSource === undefined ? {} : { importSource: options.jsxImportSource }) };
  }
  return {
    runtime: 'classic',
    ...(options.jsxFactory === undefined ? {} : { pragma: options.jsxFactory }),
    ...(options.jsxFragmentFactory === undefined ? {} : { pragmaFrag: options.jsxFragmentFactory }),
  };
}
