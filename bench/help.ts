import { PEERS } from './peers/catalogue.ts';

export function helpText(): string {
  const peers = PEERS.map((peer) => {
    const { name, description } = peer;
    const fault = peer.missing();
    return `  ${name.padEnd(18)}${description}${fault === undefined ? '' : `\n${' '.repeat(20)}not installed: ${fault}`}`;
  });
  return `Usage: npm run bench -- COMMAND [flags]

Commands:
  mixed   short requests while long ones are open, on every peer; then long and floor too, where prefork-pool is among them
  long    two long requests alone on prefork, beside two bare processes
  floor   what long requests keep while short ones saturate the machine
  pool    function pools beside each other: tasks a second; takes --quick and --out
  diagnose  how soon a loop is found, and what the watchdog costs; takes no flags

Flags:
  --peers A,B     only these (default: all that are installed)
  --long 0,8      how many long requests are open, one count after another (default: 0,1,2,8,32)
  --rounds N      how often all of it is done, each time in another order (default: 3)
  --seconds N     length of a phase; there are four for each peer and count (default: 2)
  --rate N        short requests a second at the fixed rate (default: 50)
  --out FOLDER    where results go (default: bench/results)
  -h, --help      print this

Peers:
${peers.join('\n')}

Examples:
  npm run bench -- mixed
  npm run bench -- mixed --peers prefork-pool,piscina --long 0,2,8 --rounds 1 --seconds 3`;
}
