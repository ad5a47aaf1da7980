/**
 * The one door of `config/`: from whatever the user wrote to `Settings`.
 *
 * It owns the order of the sources (flags or options object, environment, config file, defaults) and the checks across
 * options. It does not own the options themselves (`options.ts`). It runs in the primary, before anything listens, and fails
 * with ERR_BAD_OPTION or ERR_ENTRY_NOT_FOUND.
 */
import { badOption } from './bad-option.ts';
import { checkTogether } from './check-together.ts';
import { importModule, readConfigFile, type LoadModule } from './config-file.ts';
import { withDefaults } from './defaults.ts';
import { resolveEntry } from './entry.ts';
import { readEnvironment, type Environment } from './environment.ts';
import { type EffectiveValues, flagOf, OPTION_NAMES, type OptionName } from './options.ts';
import { isPlainObject } from './plain-object.ts';
import { readLayer, type Layer } from './read-layer.ts';
import type { ServeOptions } from './serve-options.ts';
import type { Settings, Source } from './settings.ts';
import { measureMachine, type Machine } from './sizing.ts';
import { toSettings } from './to-settings.ts';

export interface ResolveInput {
  readonly options: ServeOptions;
  /** Where `options` came from: it decides how errors name an option. Default `'option'`. */
  readonly explicitSource?: Source;
  /** Default `process.env`. */
  readonly env?: Environment;
  /** Where relative paths start and where a config file is looked for. Default `process.cwd()`. */
  readonly cwd?: string;
  /** Loads a config file that is a module. Default plain `import()`, which can't load TypeScript on Node 20. */
  readonly loadModule?: LoadModule;
  /** Default: as measured. */
  readonly machine?: Machine;
}

export interface Resolved {
  readonly settings: Settings;
  /** The options by their own names, in base units. */
  readonly values: EffectiveValues;
  /** Where the value in force of each option came from. */
  readonly sources: Readonly<Record<OptionName, Source>>;
  /** Absolute path of the config file that was read, if any. */
  readonly configFile: string | undefined;
}

interface LabelledLayer {
  readonly source: Source;
  readonly layer: Layer;
  readonly labelOf: (name: OptionName) => string;
}

/**
 * Reads, validates and merges the options of all sources.
 *
 * @throws PreforkError ERR_BAD_OPTION for an option that makes no sense, ERR_ENTRY_NOT_FOUND for an entry that is no file
 */
export async function resolveSettings(input: ResolveInput): Promise<Resolved> {
  const { env = process.env, cwd = process.cwd(), loadModule = importModule } = input;
  const { entry, explicit } = readExplicit(input.options, input.explicitSource ?? 'option');
  const environment: LabelledLayer = { source: 'environment', ...readEnvironment(env, explicit.layer) };
  const file = await readConfigFile(cwd, explicit.layer.config ?? environment.layer.config, loadModule);
  const layers = [explicit, environment];
  if (file !== undefined) layers.push({ source: 'file', layer: file.layer, labelOf: file.labelOf });

  // Layers hold no undefined values: a weaker one shows through where a stronger one says nothing.
  const machine = input.machine ?? measureMachine();
  const values = withDefaults({ ...file?.layer, ...environment.layer, ...explicit.layer }, machine);
  checkTogether(values, machine, (name) => winnerOf(name, layers)?.labelOf(name));
  const sources = sourcesOf(layers);
  return {
    settings: toSettings(await resolveEntry(entry, cwd), values, (name) => sources[name] !== 'default', machine.cpus),
    values,
    sources,
    configFile: file?.path,
  };
}

function readExplicit(options: unknown, source: Source): { entry: unknown; explicit: LabelledLayer } {
  const where = source === 'flag' ? 'flags' : 'options';
  // Callers in JavaScript pass anything at all.
  if (!isPlainObject(options)) throw badOption(where, options, 'a plain object with at least an entry');
  const { entry, ...rest } = options;
  const labelOf = source === 'flag' ? flagOf : (name: OptionName): string => `option ${name}`;
  return { entry, explicit: { source, layer: readLayer(rest, where, labelOf), labelOf } };
}

/** The strongest source that set an option. */
function winnerOf(name: OptionName, layers: readonly LabelledLayer[]): LabelledLayer | undefined {
  return layers.find(({ layer }) => layer[name] !== undefined);
}

function sourcesOf(layers: readonly LabelledLayer[]): Record<OptionName, Source> {
  const sources: Partial<Record<OptionName, Source>> = {};
  for (const name of OPTION_NAMES) sources[name] = winnerOf(name, layers)?.source ?? 'default';
  // OPTION_NAMES holds every name, which the type of a list can not say.
  return sources as Record<OptionName, Source>;
}
