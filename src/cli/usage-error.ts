import type { Command, CommanderError } from 'commander';
import { nearest } from '../config/nearest.ts';
import { showValue } from '../config/show-value.ts';
import { PreforkError } from '../errors/prefork-error.ts';

/** What an argument of a command stands for. */
const EXPECTED: Readonly<Record<string, string>> = {
  entry: 'the path of a module such as ./server.js',
  pid: 'a pid such as 4711, or w and an id such as w3, as prefork ps shows them',
  n: 'the number of workers',
};

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
    case 'commander.unknownCommand':
      return unknownCommand(quoted, command);
    case 'commander.help': {
      // The help of a command that there is not ends here as well.
      const [, wanted] = command.args;
      return wanted === undefined
        ? `command: found none, expected ${namesIn(command).join(', ')}`
        : unknownCommand(wanted, command);
    }
    case 'commander.optionMissingArgument': {
      const [flag, placeholder] = quoted.split(' ');
      return `${flag ?? ''}: found no value, expected ${placeholder ?? 'one'}`;
    }
    case 'commander.missingArgument':
      return `${quoted}: found none, expected ${EXPECTED[quoted] ?? 'one'}`;
    case 'commander.invalidArgument':
      return invalidArgument(error.message);
    case 'commander.excessArguments': {
      const expected = command.registeredArguments.map((argument) => argument.name()).join(' ');
      return `arguments: found ${command.args.map(showValue).join(' ')}, expected ${expected || 'none'} alone`;
    }
    default:
      return error.message.replace(/^error: /, '').replace(/\.?\s*$/, '');
  }
}

/** What a parser of a flag or an argument refused; commander puts its own words around that. */
function invalidArgument(message: string): string {
  const [, flag, flagValue, flagExpected] =
    /^error: option '(?:-\w, )?(--[\w-]+).*?' argument '([^]*)' is invalid\. (expected [^]*)$/.exec(message) ?? [];
  if (flag !== undefined) return `${flag}: found ${showValue(flagValue)}, ${flagExpected ?? ''}`;
  const [, value, argument, expected] =
    /^error: command-argument value '([^]*)' is invalid for argument '(\w+)'\. (expected [^]*)$/.exec(message) ?? [];
  return `${argument ?? 'arguments'}: found ${showValue(value)}, ${expected ?? 'expected another one'}`;
}

function unknownCommand(name: string, command: Command): string {
  const names = namesIn(command);
  return `command: found the unknown command ${showValue(name)}, expected ${nearest(name, names) ?? names.join(', ')}`;
}

function namesIn(command: Command): string[] {
  return command.commands.map((known) => known.name());
}

function longFlagsOf(command: Command): string[] {
  return command.options.flatMap((option) => option.long ?? []);
}
