import { Option, type Command } from 'commander';
import { environmentNamesOf, flagOf, OPTION_NAMES, OPTIONS, type OptionName } from '../config/options.ts';
import { readLayer, type Layer } from '../config/read-layer.ts';

/**
 * Adds a flag for each option of the table. A boolean has two, so that a flag can overrule the environment both ways; help
 * shows the one that changes the default.
 */
export function addServeFlags(command: Command): void {
  for (const name of OPTION_NAMES) {
    const { kind, placeholder } = OPTIONS[name];
    const flag = flagOf(name);
    if (kind === 'boolean') {
      command.addOption(new Option(flag, describe(name)));
      command.addOption(new Option(oppositeOf(flag)).hideHelp());
    } else {
      // A choice lists its values in the description, where they can wrap.
      const shown = kind === 'choice' ? flag.replace(/.*-/, '') : placeholder;
      command.addOption(new Option(`${flag} <${shown}>`, describe(name)));
    }
  }
}

/**
 * The options that were set on the command line, in base units.
 *
 * @throws PreforkError ERR_BAD_OPTION for a value that makes no sense
 */
export function readServeFlags(command: Command): Layer {
  const raw: Partial<Record<OptionName, unknown>> = {};
  for (const name of OPTION_NAMES) {
    // Commander makes up a value for `--no-` flags that nobody wrote.
    if (command.getOptionValueSource(name) === 'cli') raw[name] = command.getOptionValue(name);
  }
  return readLayer(raw, 'flags', flagOf);
}

function describe(name: OptionName): string {
  const { kind, doc, placeholder, default: shown } = OPTIONS[name];
  const values = kind === 'choice' ? ` Values: ${placeholder.replaceAll('|', ', ')}.` : '';
  return `${doc}${values} (default: ${shown}; env: ${environmentNamesOf(name).join(', ')})`;
}

function oppositeOf(flag: string): string {
  return flag.startsWith('--no-') ? `--${flag.slice('--no-'.length)}` : `--no-${flag.slice('--'.length)}`;
}
