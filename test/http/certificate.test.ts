import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCertificate } from '../../src/http/certificate.ts';
import { temporaryFolder } from '../config/temporary-folder.ts';
import { makeCertificate } from '../support/certificate.ts';

const made = makeCertificate({ name: 'one', validUntil: new Date('2049-01-02T03:04:05Z') });
const other = makeCertificate({ name: 'other' });
const ENCRYPTED = '-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n';

test('a certificate and the key that belongs to it are read', async (t) => {
  const folder = await temporaryFolder(t, { 'cert.pem': made.cert, 'key.pem': made.key });
  const read = readCertificate({ cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') });
  assert.deepEqual([read.cert, read.key, read.validUntil.toISOString()], [made.cert, made.key, '2049-01-02T03:04:05.000Z']);
});

for (const [what, files, expected] of [
  ['no file', { key: made.key }, /^cert: ".+cert": there is no such file; expected a PEM file with a certificate$/],
  ['no key file', { cert: made.cert }, /^key: ".+key": there is no such file; expected a PEM file with a private key$/],
  [
    'no certificate',
    { cert: 'hello', key: made.key },
    /^cert: .+: it holds no certificate; expected PEM, which begins with -----BEGIN CERTIFICATE-----$/,
  ],
  ['the two the wrong way round', { cert: made.key, key: made.cert }, /^cert: .+ are --cert and --key the wrong way round\?$/],
  ['no key', { cert: made.cert, key: made.cert }, /^key: .+: it holds no private key; expected PEM/],
  ['a key with a passphrase', { cert: made.cert, key: ENCRYPTED }, /^key: .+: it is protected by a passphrase/],
  [
    'the key of another one',
    { cert: made.cert, key: other.key },
    /^key: .+: it is not the key of the certificate in ".+cert"; give the two that belong together$/,
  ],
] as const) {
  test(`${what}: one line that says so`, async (t) => {
    const folder = await temporaryFolder(t, files);
    assert.throws(() => readCertificate({ cert: join(folder, 'cert'), key: join(folder, 'key') }), {
      code: 'ERR_BAD_OPTION',
      message: expected,
    });
  });
}
