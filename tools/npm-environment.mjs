/**
 * Node reads the file of NODE_EXTRA_CA_CERTS at each boot: with the bundle of a whole system for 40 ms of CPU, and the tests boot thousands. So `test/run.mjs` keeps it
 * under this name, for npm alone, which may not reach its registry without it.
 */
export const CERTIFICATES_FOR_NPM = 'CA_CERTS_FOR_NPM';

/** The environment of this process, for npm. */
export function npmEnvironment() {
  const file = process.env[CERTIFICATES_FOR_NPM];
  return file === undefined ? process.env : { ...process.env, NODE_EXTRA_CA_CERTS: file };
}
