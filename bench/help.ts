import { SCENARIOS } from './matrix/catalogue.ts';
import { PEERS } from './peers/catalogue.ts';

export function helpText(): string {
  const peers = PEERS.map((peer) => {
    const { name, description } = peer;
    const fault = peer.missing();
    return `  ${name.padEnd(18)}${description}${fault === undefined ? '' : `\n${' '.repeat(20)}not installed: ${fault}`}`;
  });
  const scenarios = SCENARIOS.map(({ name, title }) => `  ${name.padEnd(10)}${title}`);
  return `Usage: npm run bench [-- COMMAND] [flags]

Scenarios, one or more; without a command, or by "all", all of them, which takes three quarters of an hour:
${scenarios.join('\n')}

  --peers A,B     only these contenders, by their names, such as "prefork mode pool,bare" (default: all that are installed)
  --rounds N      how often all of it is done, each time in another order (default: that of the scenario)
  --seconds N     length of what is measured (default: that of the scenario)
  --quick         one short round
  --before WHAT   each contender of prefork once more with another build of it, in the same rounds: a tag, branch or commit, which is built once in
                  bench/.before, or the folder of a built prefork; "none" for none (default: the last release, none with --quick)
  --out FOLDER    where results go (default: bench/results)

Others:
  --quick         the ratios of all scenarios beside references alone, compared with bench/recorded.json; exit code 1 when one is more than
                  2 times worse. With --record, and on a quiet machine, each is measured three times, and recorded where it came out alike;
                  with scenarios before it, theirs alone
  docs            writes the newest results of each scenario into docs/performance.md
  diagnose        how soon a loop is found, and what the watchdog costs; takes no flags

Servers under a mixed load:
  mixed   short requests while long ones are open, on every peer; then long and floor too, where prefork-pool is among them
  long    two long requests alone on prefork, beside two bare processes
  floor   what long requests keep while short ones saturate the machine

  --peers A,B     only these (default: all that are installed)
  --long 0,8      how many long requests are open, one count after another (default: 0,1,2,8,32)
  --rounds N      how often all of it is done, each time in another order (default: 3)
  --seconds N     length of a phase; there are four for each peer and count (default: 2)
  --rate N        short requests a second at the fixed rate (default: 50)
  --warm-up N     short requests to each server before, on each kind of connection (default: 50)
  --before WHAT   as above
  --out FOLDER    where results go (default: bench/results)
  -h, --help      print this

Peers:
${peers.join('\n')}

Examples:
  npm run bench -- all
  npm run bench -- http --rounds 1 --peers "prefork mode pool,bare"
  npm run bench -- pool --before HEAD~10 --peers "prefork processes"
  npm run bench -- --quick
  npm run bench -- mixed
  npm run bench -- mixed --peers prefork-pool,piscina --long 0,2,8 --rounds 1 --seconds 3`;
}
