import { formatDuration } from './duration.ts';
import { OPTION_NAMES, OPTIONS, type OptionName } from './options.ts';
import type { Resolved } from './resolve.ts';
import type { Source } from './settings.ts';
import { formatSize } from './size.ts';

export interface SettingInForce {
  readonly name: OptionName;
  /** As the user would write it: durations and sizes with their unit. Where nobody set one that has no value then, what its help says. */
  readonly value: string | number | boolean;
  readonly source: Source;
}

/** Every option, with its value and where that came from. */
export function settingsInForce({ values, sources, configFile }: Resolved): SettingInForce[] {
  return OPTION_NAMES.map((name) => {
    const value = name === 'config' ? configFile : values[name];
    return { name, value: value === undefined ? OPTIONS[name].default : shown(name, value), source: sources[name] };
  });
}

function shown(name: OptionName, value: string | number | boolean): string | number | boolean {
  if (typeof value !== 'number') return value;
  switch (OPTIONS[name].kind) {
    case 'duration':
      return formatDuration(value);
    case 'size':
      return formatSize(value);
    case 'share':
      return `${Math.round(value * 1e5) / 1e3}%`;
    default:
      return value;
  }
}
