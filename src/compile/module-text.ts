import * as v from 'valibot';

/**
 * How one file names another one:
 * `static` in an import or export statement, `dynamic` in `import()`, `require` in a `require()` that CommonJS gave, and `aside`
 * in a `require` of the user's own making, which is followed but left as it is written.
 */
const reference = v.object({
  kind: v.picklist(['static', 'dynamic', 'require', 'aside']),
  specifier: v.string(),
  /** Offset of the statement, or of the keyword of a call. */
  at: v.number(),
  /** Span of the literal in `code`, quotes included, UTF-16 units. */
  start: v.number(),
  end: v.number(),
  /** Whether import attributes (`with { … }`) follow. */
  attributes: v.boolean(),
});

/** One file, compiled to JavaScript but not yet linked: what the cache keeps for each content. */
export const moduleText = v.object({
  format: v.picklist(['module', 'commonjs']),
  code: v.string(),
  references: v.array(reference),
  /** Offsets of the keyword of each `import()` whose specifier is computed. */
  computedImports: v.array(v.number()),
  usesMeta: v.boolean(),
  usesMetaResolve: v.boolean(),
  /** Names of CommonJS that an ES module uses, and that its scope has to give it. */
  commonjsNames: v.array(v.picklist(['require', '__filename', '__dirname'])),
  /** Where code may be put before all other: behind a hashbang or directives. */
  preludeAt: v.number(),
  /** Whether each token stands where it stood in the source. If not, `code` ends in a source map. */
  keepsLines: v.boolean(),
});

export type ModuleText = v.InferOutput<typeof moduleText>;
export type Reference = v.InferOutput<typeof reference>;
export type ModuleFormat = ModuleText['format'];
