import { Command } from 'commander';
import { helpTexts } from './help-texts.ts';
import { addServeCommand } from './serve.ts';
import { usageError } from './usage-error.ts';
import { readVersion } from '../config/version.ts';

/**
 * The command line of `prefork`. Parsing throws a CommanderError with exit code 0 after help and version, and a PreforkError
 * ERR_BAD_OPTION for wrong usage; it prints no error by itself and never exits.
 */
export function createProgram(): Command {
  const program = new Command('prefork')
    .description('A Node.js server and process pool in which no request can block another one.')
    .version(readVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .addHelpText('after', helpTexts(['prefork serve server.js --port 8080', 'prefork serve --help']))
    // Commander's own words for errors, and its help in place of one: main.ts prints one line instead.
    .configureOutput({ writeErr: () => undefined });
  addServeCommand(program);
  throwInOurForm(program, 'prefork');
  return program;
}

function throwInOurForm(command: Command, path: string): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageError(error, command, path);
  });
  for (const child of command.commands) throwInOurForm(child, `${path} ${child.name()}`);
}
