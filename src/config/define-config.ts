import type { ConfigFile } from './serve-options.ts';

/** Returns its argument: it lets an editor check and complete `export default defineConfig({ ... })` in a config file. */
export function defineConfig(options: ConfigFile): ConfigFile {
  return options;
}
