/**
 * Who may ask over TCP. A browser on this machine reaches the port too, and shows it pages of strangers: so the name that it was asked
 * for must be ours (a stranger's name may be made to lead to 127.0.0.1), and no other site may be the one that asks. What changes
 * anything, or reads out what a worker does, needs the token as well. The Unix socket needs none of it: the system lets its owner in alone.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

const TOKEN_BYTES = 32;
const NAMES = ['127.0.0.1', 'localhost', '[::1]'];

export class Guard {
  readonly token = randomBytes(TOKEN_BYTES).toString('base64url');
  readonly #digest = digest(this.token);
  readonly #pages: readonly string[];
  #hosts: readonly string[] = [];

  /** @param pages paths that a link of another site may lead to: it opens them, and can not read them */
  constructor(pages: readonly string[] = ['/']) {
    this.#pages = pages;
  }

  /** The port that is listened on. */
  setPort(port: number): void {
    // Browsers leave out the port that a scheme has by default.
    this.#hosts = NAMES.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  }

  /** @throws Refusal 400, 401 or 403 */
  check(request: IncomingMessage): void {
    const host = this.#checkHost(request);
    const { origin } = request.headers;
    if (origin !== undefined && origin.toLowerCase() !== `http://${host}`)
      throw new Refusal(403, `the header Origin is not http://${host}: other sites may not ask`);
    const site = request.headers['sec-fetch-site'];
    // Another port of this machine is the same site for a browser, and may serve anything.
    if (site !== undefined && site !== 'same-origin' && site !== 'none' && !this.#isFollowedLink(request))
      throw new Refusal(403, 'the header Sec-Fetch-Site tells that another site asks, which may not');
    if (request.method === 'POST') this.#checkToken(request);
  }

  /** A page in a tab of its own, where the policy of the page lets no other one at it; a frame, an image or a script is none. */
  #isFollowedLink({ method, url = '', headers }: IncomingMessage): boolean {
    const [path = ''] = url.split('?', 1);
    const isTab = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
    return method === 'GET' && isTab && this.#pages.includes(path);
  }

  #checkHost({ rawHeaders, headers }: IncomingMessage): string {
    const count = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length;
    if (count !== 1) throw new Refusal(400, `found ${count} Host headers, expected one`);
    const host = headers.host?.toLowerCase() ?? '';
    if (!this.#hosts.includes(host))
      throw new Refusal(403, `the header Host names another server, expected ${this.#hosts.join(' or ')}`);
    return host;
  }

  #checkToken({ headers }: IncomingMessage): void {
    const [, found] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    const challenge = { 'WWW-Authenticate': 'Bearer' };
    if (found === undefined)
      throw new Refusal(
        401,
        'found no token, expected Authorization: Bearer TOKEN with the one that the server printed at its start',
        challenge,
      );
    // Digests are of one length, whatever was sent.
    if (!timingSafeEqual(digest(found), this.#digest))
      throw new Refusal(401, 'the token is not the one that the server printed at its start', challenge);
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
