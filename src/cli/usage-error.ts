import type { Command, CommanderError } from 'commander';
import { nearest } from '../config/nearest.ts';
import { showValue } from '../config/show-value.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** Says in our form, and on one line, what commander found wrong with the arguments of a command. */
export function usageError(error: CommanderError, command: Command, path: string): PreforkError {
  return new PreforkError('ERR_BAD_OPTION', `${describe(error, command)}; see ${path} --help`, { cause: error });
}

function describe(error: CommanderError, command: Command): string {
  // Commander hands over what it found within its message alone, in quotes.
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  switch (error.code) {
    case 'commander.unknownOption': {
      const flag = quoted.replace(/=.*/s, '');
      const near = nearest(flag, longFlagsOf(command));
      return `flags: found the unknown flag ${showValue(flag)}, expected ${near ?? 'a known one'}`;
    }
    case 'commander.unknownCommand': {
      const names = command.commands.map((known) => known.name());
      return `command: found the unknown command ${showValue(quoted)}, expected ${nearest(quoted, names) ?? names.join(', ')}`;
    }
    case 'commander.help':
      return `command: found none, expected ${command.commands.map((known) => known.name()).join(', ')}`;
    case 'commander.optionMissingArgument': {
      const [flag, placeholder] = quoted.split(' ');
      return `${flag ?? ''}: found no value, expected ${placeholder ?? 'one'}`;
    }
    case 'commander.missingArgument':
      return `${quoted}: found none, expected the path of a module such as ./server.js`;
    case 'commander.excessArguments': {
      const expected = command.registeredArguments.map((argument) => argument.name()).join(' ');
      return `arguments: found ${command.args.map(showValue).join(' ')}, expected ${expected || 'none'} alone`;
    }
    default:
      return error.message.replace(/^error: /, '').replace(/\.?\s*$/, '');
  }
}

function longFlagsOf(command: Command): string[] {
  return command.options.flatMap((option) => option.long ?? []);
}
