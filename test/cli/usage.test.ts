import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMAND_NAMES } from '../../src/cli/program.ts';
import { runCommand } from './run-command.ts';

const NAMES = COMMAND_NAMES.join(', ');
const PID = 'expected a pid such as 4711, or w and an id such as w3, as prefork ps shows them';
const SEE = 'see prefork serve --help (ERR_BAD_OPTION)';
const CASES: readonly [readonly string[], string][] = [
  [[], `command: found none, expected ${NAMES}; see prefork --help (ERR_BAD_OPTION)`],
  [['--json'], 'flags: found the unknown flag "--json", expected a known one; see prefork --help (ERR_BAD_OPTION)'],
  [['srve', 'app.js'], 'command: found the unknown command "srve", expected serve; see prefork --help (ERR_BAD_OPTION)'],
  [['help', 'srve'], 'command: found the unknown command "srve", expected serve; see prefork --help (ERR_BAD_OPTION)'],
  [['--prot', '80'], 'flags: found the unknown flag "--prot", expected a known one; see prefork --help (ERR_BAD_OPTION)'],
  [['serve'], `entry: found none, expected the path of a module such as ./server.js; ${SEE}`],
  [['serve', 'a.js', 'b.js'], `arguments: found "a.js" "b.js", expected entry alone; ${SEE}`],
  [['serve', 'a.js', '--deadlin', '3s'], `flags: found the unknown flag "--deadlin", expected --deadline; ${SEE}`],
  [['serve', 'a.js', '--queue-timout=3s'], `flags: found the unknown flag "--queue-timout", expected --queue-timeout; ${SEE}`],
  [
    ['serve', 'a.js', '--no-server-timings'],
    `flags: found the unknown flag "--no-server-timings", expected --no-server-timing; ${SEE}`,
  ],
  [['serve', 'a.js', '--x\n\u001b[2J'], `flags: found the unknown flag "--x\\n\\u001b[2J", expected a known one; ${SEE}`],
  [['serve', 'a.js', '--port'], `--port: found no value, expected <port>; ${SEE}`],
  [
    ['serve', 'a.js', '--deadline', '5 parsecs'],
    '--deadline: found "5 parsecs", expected a duration such as 500ms, 30s or 5m (ERR_BAD_OPTION)',
  ],
  [['serve', 'a.js', '--port', '-1'], '--port: found "-1", expected a port from 0 to 65535, 0 for any free one (ERR_BAD_OPTION)'],
  [
    ['serve', 'a.js', '--log-level', 'loud'],
    '--log-level: found "loud", expected one of silent, error, warn, info, debug (ERR_BAD_OPTION)',
  ],
  [
    ['serve', 'a.js', '--memory', '1B'],
    '--memory: found "1B", expected a size of at least 64MB, room for one worker (ERR_BAD_OPTION)',
  ],
  [
    ['serve', 'a.js', '--quantum', '1m', '--deadline', '30s'],
    '--quantum: found 1m, expected less than 30s, the value of --deadline: a task would be ended before it counts as long (ERR_BAD_OPTION)',
  ],

  // No server is looked for: what is wrong with the words comes first.
  [['trce', '1'], 'command: found the unknown command "trce", expected trace; see prefork --help (ERR_BAD_OPTION)'],
  [['trace'], `pid: found none, ${PID}; see prefork trace --help (ERR_BAD_OPTION)`],
  [['trace', 'x'], `pid: found "x", ${PID}; see prefork trace --help (ERR_BAD_OPTION)`],
  [['kill', '0'], `pid: found "0", ${PID}; see prefork kill --help (ERR_BAD_OPTION)`],
  [['kill', "w1'\n\u001b[2J"], `pid: found "w1'\\n\\u001b[2J", ${PID}; see prefork kill --help (ERR_BAD_OPTION)`],
  [['heap', '1', '2'], 'arguments: found "1" "2", expected pid alone; see prefork heap --help (ERR_BAD_OPTION)'],
  [['ps', 'w1'], 'arguments: found "w1", expected none alone; see prefork ps --help (ERR_BAD_OPTION)'],
  [['scale'], 'n: found none, expected the number of workers; see prefork scale --help (ERR_BAD_OPTION)'],
  [['scale', '0'], 'n: found "0", expected a whole number from 1 to 4096; see prefork scale --help (ERR_BAD_OPTION)'],
  [['scale', '4097'], 'n: found "4097", expected a whole number from 1 to 4096; see prefork scale --help (ERR_BAD_OPTION)'],
  [['scale', '1.5'], 'n: found "1.5", expected a whole number from 1 to 4096; see prefork scale --help (ERR_BAD_OPTION)'],
  [
    ['incidents', 'ABC'],
    'id: found "ABC", expected 12 characters of 0 to 9 and a to z, as prefork incidents shows them; see prefork incidents --help (ERR_BAD_OPTION)',
  ],
  [['ps', '--port', '0'], '--port: found "0", expected a port from 1 to 65535; see prefork ps --help (ERR_BAD_OPTION)'],
  [
    ['ps', '--url', 'x'],
    '--url: found "x", expected an address such as http://127.0.0.1:5001/#token=…; see prefork ps --help (ERR_BAD_OPTION)',
  ],
  [
    ['profile', '1', '--seconds', '301'],
    '--seconds: found "301", expected a number from 0.1 to 300; see prefork profile --help (ERR_BAD_OPTION)',
  ],
  [['stop', '--forc'], 'flags: found the unknown flag "--forc", expected --force; see prefork stop --help (ERR_BAD_OPTION)'],
];

for (const [args, line] of CASES) {
  test(`prefork ${JSON.stringify(args.join(' '))} ends with one clear line and exit code 2`, async () => {
    assert.deepEqual(await runCommand(args), { code: 2, stdout: '', stderr: `prefork: ${line}\n` });
  });
}

test('a budget above the memory of the machine ends with one line that names both, and exit code 2', async () => {
  const { code, stderr } = await runCommand(['serve', 'a.js', '--memory', '1048576GB']);
  assert.equal(code, 2);
  assert.match(stderr, /^prefork: --memory: found 1048576GB, expected at most \d+[MG]B, all that .* \(ERR_BAD_OPTION\)\n$/);
});
