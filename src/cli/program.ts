import { Command } from 'commander';
import { helpTexts } from './help-texts.ts';
import { addHeapCommand } from './heap.ts';
import { addIncidentsCommand } from './incidents.ts';
import { addInspectCommand } from './inspect.ts';
import { addKillCommand } from './kill.ts';
import { addProfileCommand } from './profile.ts';
import { addPsCommand } from './ps.ts';
import { addRecycleCommand } from './recycle.ts';
import { addReloadCommand } from './reload.ts';
import { addScaleCommand } from './scale.ts';
import { addStatusCommand } from './status.ts';
import { addStopCommand } from './stop.ts';
import { addTopCommand } from './top/command.ts';
import { addTraceCommand } from './trace.ts';
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
  addPsCommand(program);
  addStatusCommand(program);
  addTopCommand(program);
  addTraceCommand(program);
  addProfileCommand(program);
  addHeapCommand(program);
  addInspectCommand(program);
  addIncidentsCommand(program);
  addRecycleCommand(program);
  addKillCommand(program);
  addScaleCommand(program);
  addReloadCommand(program);
  addStopCommand(program);
  throwInOurForm(program, 'prefork');
  return program;
}

function throwInOurForm(command: Command, path: string): void {
  command.exitOverride((error) => {
    throw error.exitCode === 0 ? error : usageError(error, command, path);
  });
  for (const child of command.commands) throwInOurForm(child, `${path} ${child.name()}`);
}
