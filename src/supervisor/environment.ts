/**
 * What a worker process gets of the primary's environment and Node flags. An inspector flag would make every worker fight
 * for one port (and open one unasked); a loader, test or watch flag belongs to how the primary was started.
 */
const NOT_INHERITED =
  /^--(inspect|debug|watch|test|import|require|loader|experimental-loader|eval|print|check|interactive|prof|cpu-prof|heap-prof)\b/;
const TAKES_VALUE = /^--(import|require|loader|experimental-loader|eval|print)$/;

export function workerExecArgv(execArgv: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index += 1) {
    const argument = execArgv[index] ?? '';
    if (/^-[a-z]$/.test(argument)) {
      // -r module, -e script, -p script
      index += 1;
    } else if (NOT_INHERITED.test(argument)) {
      if (TAKES_VALUE.test(argument)) index += 1;
    } else {
      kept.push(argument);
    }
  }
  return kept;
}

export function workerEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    NODE_CHANNEL_FD: _channel,
    NODE_CHANNEL_SERIALIZATION_MODE: _mode,
    NODE_UNIQUE_ID: _id,
    NODE_TEST_CONTEXT: _test,
    ...kept
  } = environment;
  const options = kept['NODE_OPTIONS'];
  if (options === undefined) return kept;
  return {
    ...kept,
    NODE_OPTIONS: options
      .split(' ')
      .filter((option) => !/^--(inspect|debug)/.test(option))
      .join(' '),
  };
}
