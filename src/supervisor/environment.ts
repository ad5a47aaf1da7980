/**
 * What a worker process gets of the primary's environment and Node flags. An inspector flag would make every worker fight
 * for one port (and open one unasked); a loader, test or watch flag belongs to how the primary was started.
 */
const NOT_INHERITED =
  /^--(inspect|debug|watch|test|import|require|loader|experimental-loader|eval|print|check|interactive|prof|cpu-prof|heap-prof)\b/;
/** A module, a script, a condition of its own. */
const SHORT = /^-[a-z]$/;

/** What stands alone here is the value of the option before it, as in `--test-name-pattern text`: the script is not among these. */
export function workerExecArgv(execArgv: readonly string[]): string[] {
  let isKept = true;
  return execArgv.filter((argument) => {
    if (argument.startsWith('-')) isKept = !SHORT.test(argument) && !NOT_INHERITED.test(argument);
    return isKept;
  });
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
