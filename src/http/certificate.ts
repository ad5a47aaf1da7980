/** Reads a certificate and its key, and says in one line what is wrong with them: OpenSSL's own words help nobody. */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { CertificateFiles } from '../config/settings.ts';
import { messageOf, PreforkError } from '../errors/prefork-error.ts';

export interface Certificate {
  /** PEM, with the certificates of the issuers after the server's own. */
  readonly cert: string;
  readonly key: string;
  readonly validUntil: Date;
}

/** @throws PreforkError ERR_BAD_OPTION */
export function readCertificate(files: CertificateFiles): Certificate {
  const cert = read('cert', files.cert, 'a PEM file with a certificate');
  const key = read('key', files.key, 'a PEM file with a private key');
  const parsed = parseCertificate(cert, files.cert);
  if (!parsed.checkPrivateKey(parseKey(key, files.key)))
    throw bad(
      'key',
      files.key,
      `it is not the key of the certificate in ${JSON.stringify(files.cert)}; give the two that belong together`,
    );
  try {
    createSecureContext({ cert, key });
  } catch (error) {
    throw bad('cert', files.cert, `OpenSSL does not take it: ${messageOf(error)}`);
  }
  return { cert, key, validUntil: new Date(parsed.validTo) };
}

function read(option: 'cert' | 'key', file: string, expected: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error);
    throw bad(option, file, `${why}; expected ${expected}`);
  }
}

function parseCertificate(text: string, file: string): X509Certificate {
  if (text.includes('PRIVATE KEY-----') && !text.includes('-----BEGIN CERTIFICATE-----'))
    throw bad('cert', file, 'it holds a private key, expected a certificate; are --cert and --key the wrong way round?');
  try {
    return new X509Certificate(text);
  } catch {
    throw bad('cert', file, 'it holds no certificate; expected PEM, which begins with -----BEGIN CERTIFICATE-----');
  }
}

function parseKey(text: string, file: string): KeyObject {
  if (/ENCRYPTED/.test(text))
    throw bad('key', file, 'it is protected by a passphrase, expected one without: openssl pkey -in FILE -out NEW takes it off');
  try {
    return createPrivateKey(text);
  } catch {
    throw bad('key', file, 'it holds no private key; expected PEM, which begins with -----BEGIN PRIVATE KEY-----');
  }
}

function bad(option: 'cert' | 'key', file: string, why: string): PreforkError {
  return new PreforkError('ERR_BAD_OPTION', `${option}: ${JSON.stringify(file)}: ${why}`);
}
