import type { TestServer } from '../support/test-server.ts';
import type { AppRequest } from './app-request.ts';
import type { WireResponse } from './take-response.ts';
import { Wire } from './wire.ts';

/** Headers that speak of the connection or of the moment, and ours. */
const APART = new Set(['date', 'connection', 'keep-alive', 'server-timing', 'x-worker']);
const FRAMING = new Set(['content-length', 'transfer-encoding']);

/**
 * What has to be the same on bare node:http and behind prefork: all of an answer, byte for byte.
 *
 * @param isFetch another adapter than ours writes the headers and frames the bodies of a fetch app on bare node:http: then it is what they say
 */
export async function answerOf({ port }: TestServer, { method, bytes }: AppRequest, isFetch = false): Promise<unknown> {
  using wire = await Wire.to(port);
  wire.send(bytes);
  const response = await wire.response(method);
  if (response === null) return null;
  const headers = response.headers.filter(([name]) => !APART.has(name.toLowerCase()));
  return isFetch ? saidBy(response, headers) : { ...response, headers };
}

/** What an answer says, however its headers are written and its body is framed. The type of a text is `text/plain;charset=UTF-8` by the fetch standard, and by srvx with a blank. */
function saidBy({ status, body, isComplete }: WireResponse, headers: WireResponse['headers']): unknown {
  const said = headers
    .map(([name, value]) => `${name.toLowerCase()}: ${value.replace('; charset=UTF-8', ';charset=UTF-8')}`)
    .filter((text) => !FRAMING.has(text.split(':')[0] ?? ''));
  return { status, body, isComplete, headers: said.toSorted() };
}
