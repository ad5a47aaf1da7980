import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface MadeCertificate {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Its common name, by which tests tell one from the other. It is for 127.0.0.1 and localhost anyway. */
  readonly name: string;
  /** Default a day from now. */
  readonly validUntil?: Date;
}

const DAY_MS = 86_400_000;
/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2 */
const ALGORITHM = sequence(tagged(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

/** A certificate that its own key has signed, by hand (RFC 5280, X.690): a bare machine has no openssl. */
export function makeCertificate({ name, validUntil = new Date(Date.now() + DAY_MS) }: CertificateOptions): MadeCertificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, Buffer.from(name)))));
  const names = sequence(tagged(0x82, Buffer.from('localhost')), tagged(0x87, Buffer.from([127, 0, 0, 1])));
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ALGORITHM,
    subject,
    sequence(time(new Date(validUntil.getTime() - 30 * DAY_MS)), time(validUntil)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    // subjectAltName, 2.5.29.17
    tagged(0xa3, sequence(sequence(objectId('551d11'), tagged(0x04, names)))),
  );
  const signature = tagged(0x03, Buffer.concat([Buffer.from([0]), sign('sha256', body, privateKey)]));
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
  return { cert: toPem(sequence(body, ALGORITHM, signature)), key: String(key) };
}

function toPem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function integer(bytes: Buffer): Buffer {
  return tagged(0x02, bytes);
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

/** GeneralizedTime */
function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(`${date.toISOString().replace(/\D/g, '').slice(0, 14)}Z`));
}
