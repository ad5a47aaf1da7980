import process from 'node:process';

/** sysexits.h: EX_PROTOCOL. */
const EXIT_PROTOCOL = 76;

/** Ends this process because its primary is gone, or has broken the protocol. */
export function leave(error: Error | undefined): never {
  process.exit(error === undefined ? 0 : EXIT_PROTOCOL);
}
