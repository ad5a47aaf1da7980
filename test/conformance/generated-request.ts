import fc from 'fast-check';

/** A request as bytes (latin1), with what is needed to read its answer. */
export interface GeneratedRequest {
  readonly method: string;
  readonly bytes: string;
  /** Whether another request may follow it on its connection. */
  readonly keepsOpen: boolean;
}

const characters = (text: string) => fc.constantFrom(...text.split(''));
const tokenText = (minLength = 1) => fc.string({ unit: characters("abcdefXYZ0189!#$%&'*+-.^_`|~"), minLength, maxLength: 12 });
/** Visible ASCII, blanks inside, and bytes above ASCII. */
const fieldText = fc
  .string({
    unit: fc.oneof(
      { weight: 8, arbitrary: characters('abcXYZ019 \t,;="\\/()<>@?{}[]:') },
      characters('\u0080\u00a0\u00e9\u00ff'),
    ),
    maxLength: 30,
  })
  .map((text) => text.replace(/^[ \t]+|[ \t]+$/g, ''));

/** Names that mean something to the parser, to the connection or to the two servers are not made up, but chosen on purpose below. */
const RESERVED =
  /^(?:host|connection|content-length|transfer-encoding|keep-alive|proxy-connection|upgrade|expect|te|trailer|date|server-timing|x-worker|x-answer)$/i;
const nameText = tokenText().filter((name) => !RESERVED.test(name));
const knownName = fc.constantFrom(
  'Accept',
  'accept',
  'Cookie',
  'cookie',
  'User-Agent',
  'X-Forwarded-For',
  'Set-Cookie',
  'ETag',
  'Content-Type',
  '__proto__',
  'constructor',
  'Referer',
  'Age',
);
const fields = (maxLength: number) => fc.array(fc.tuple(fc.oneof(nameText, knownName), fieldText), { maxLength });

const method = fc.constantFrom(
  'GET',
  'GET',
  'HEAD',
  'POST',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'PROPFIND',
  'M-SEARCH',
  'TRACE',
);
const target = fc
  .tuple(
    fc.constantFrom('/', '//', '/../', '/%2f', '/%', '/a;b/', 'http://other.test/', '/\\', '/a//b/./c/../'),
    fc.string({ unit: characters('abc/%2fF?&=+;:@!$\'()*,~-._#|\\^`{}<>"'), maxLength: 40 }),
  )
  .map(([start, rest]) => start + rest);

const body = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'none' } as const) },
  {
    weight: 2,
    arbitrary: fc
      .string({ unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)), maxLength: 300 })
      .map((text) => ({ kind: 'length', text }) as const),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        chunks: fc.array(
          fc.record({
            text: fc.string({
              unit: fc.integer({ min: 0, max: 255 }).map((byte) => String.fromCharCode(byte)),
              minLength: 1,
              maxLength: 100,
            }),
            zeros: fc.nat({ max: 2 }),
            upper: fc.boolean(),
            extension: fc.constantFrom('', ';a', ';a=b', ';a="b"'),
          }),
          { maxLength: 4 },
        ),
        trailers: fields(3),
      })
      .map(({ chunks, trailers }) => ({ kind: 'chunked', chunks, trailers }) as const),
  },
);

/** How the handler is to answer. Statuses below 200 are none, and names are such that node:http takes them from a handler. */
const answer = fc
  .record({
    status: fc.constantFrom(200, 200, 200, 201, 204, 205, 206, 299, 301, 304, 400, 404, 418, 500, 503, 599, 999),
    reason: fc.oneof(fc.constant(''), fc.string({ unit: characters('abc XYZ\u00e9'), minLength: 1, maxLength: 12 })),
    headers: fields(6),
    way: fc.constantFrom('implicit', 'set', 'list', 'object', 'length'),
    cuts: fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 3 }),
    trailers: fc.dictionary(
      nameText.filter((name) => name !== '__proto__'),
      fieldText,
      { maxKeys: 2 },
    ),
    flush: fc.boolean(),
    asText: fc.constantFrom('', 'latin1', 'base64', 'hex', 'utf8'),
  })
  // Two of a name in an object are one, and `Object.fromEntries` keeps the last: no matter for both servers alike.
  .map((wanted) => Buffer.from(JSON.stringify(wanted)).toString('base64url'));

const connection = fc.constantFrom(
  { version: '1.1', lines: [], keepsOpen: true },
  { version: '1.1', lines: [], keepsOpen: true },
  { version: '1.1', lines: ['Connection: close'], keepsOpen: false },
  { version: '1.1', lines: ['connection: keep-alive'], keepsOpen: true },
  { version: '1.0', lines: [], keepsOpen: false },
  { version: '1.0', lines: ['Connection: keep-alive'], keepsOpen: false },
);

export const generatedRequest: fc.Arbitrary<GeneratedRequest> = fc
  .record({ method, target, body, answer, connection, headers: fields(8), at: fc.nat({ max: 8 }) })
  .map(({ method: verb, target: path, body: sent, answer: wanted, connection: { version, lines, keepsOpen }, headers, at }) => {
    const own = headers.map(([name, value]) => `${name}: ${value}`);
    own.splice(at, 0, 'Host: example.test:8080', ...lines, `X-Answer: ${wanted}`);
    // HTTP/1.0 has no chunks.
    const payload =
      sent.kind === 'chunked' && version === '1.0'
        ? ({ kind: 'length', text: sent.chunks.map(({ text }) => text).join('') } as const)
        : sent;
    return {
      method: verb,
      bytes: `${verb} ${path} HTTP/${version}\r\n${own.join('\r\n')}\r\n${payloadText(payload)}`,
      keepsOpen,
    };
  });

type Payload = typeof body extends fc.Arbitrary<infer Kind> ? Kind : never;

function payloadText(payload: Payload): string {
  switch (payload.kind) {
    case 'none':
      return '\r\n';
    case 'length':
      return `Content-Length: ${payload.text.length}\r\n\r\n${payload.text}`;
    case 'chunked': {
      const chunks = payload.chunks.map(({ text, zeros, upper, extension }) => {
        const size = `${'0'.repeat(zeros)}${text.length.toString(16)}`;
        return `${upper ? size.toUpperCase() : size}${extension}\r\n${text}\r\n`;
      });
      const trailers = payload.trailers.map(([name, value]) => `${name}: ${value}\r\n`);
      return `Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n${trailers.join('')}\r\n`;
    }
  }
}
