import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runCommand } from './run-command.ts';

const SEE = 'see prefork serve --help (ERR_BAD_OPTION)';
const CASES: readonly [readonly string[], string][] = [
  [[], 'command: found none, expected serve; see prefork --help (ERR_BAD_OPTION)'],
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
];

for (const [args, line] of CASES) {
  test(`prefork ${JSON.stringify(args.join(' '))} ends with one clear line and exit code 2`, async () => {
    assert.deepEqual(await runCommand(args), { code: 2, stdout: '', stderr: `prefork: ${line}\n` });
  });
}
