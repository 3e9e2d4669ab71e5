/** HTTP/2 without a framework, through the compatible interface of `node:http2`; over a real connection. */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  connect,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { base, clockAt, countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;

/** The types leave it out. */
type Trailing = Http2ServerResponse & { setTrailer(name: string, value: string): void };
type Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

interface Answer {
  readonly headers: IncomingHttpHeaders & { readonly ':status'?: number };
  readonly hints: readonly IncomingHttpHeaders[];
  readonly trailers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

interface Client {
  get(headers?: Record<string, string>): Promise<Answer>;
}

async function withServer(
  options: object,
  handler: Handler,
  run: (client: Client) => Promise<void>,
): Promise<void> {
  const sign = imageSigner({ ...base, ...options } as ImageSignerOptions);
  const server = createServer((request, response) => {
    // The compatible interface has the methods of `node:http`, which the types do not say.
    const messages = [request, response] as unknown as [IncomingMessage, ServerResponse];
    sign(...messages, () => handler(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const get: Client['get'] = async (headers = {}) => {
    const stream = session.request({ ':path': '/', ...headers });
    const hints: IncomingHttpHeaders[] = [];
    stream.on('headers', (each) => hints.push(each));
    let trailers: IncomingHttpHeaders = {};
    stream.on('trailers', (each) => {
      trailers = each;
    });
    const [responded] = (await once(stream, 'response')) as [Answer['headers']];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    return { headers: responded, hints, trailers, body, text: body.toString() };
  };
  try {
    await run({ get });
  } finally {
    session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

function typed(response: Http2ServerResponse): Http2ServerResponse {
  response.setHeader('Content-Type', 'text/html');
  return response;
}

test.each<[title: string, handler: Handler, length?: number]>([
  ['in one end', (_, response) => void typed(response).end(page)],
  [
    'in parts, within a tag',
    (_, response) => {
      typed(response).write(page.slice(0, 30));
      response.write(page.slice(30));
      response.end();
    },
  ],
  [
    'with all headers in writeHead',
    (_, response) =>
      void response.writeHead(200, { 'content-type': 'text/html', 'content-length': 1 }).end(page),
  ],
])('a page is signed: %s', async (_title, handler) => {
  await withServer({}, handler, async ({ get }) => {
    const { text, headers } = await get();
    expect(withoutTokens(text)).toBe(page);
    expect(countTokens(text)).toBe(1);
    expect(headers['cache-control']).toBe('no-cache');
    expect([undefined, String(text.length)]).toContain(headers['content-length']);
  });
});

test('a tag brings a 304 while the tokens are the same, and never after', async () => {
  const now = clockAt();
  const handler: Handler = (request, response) => {
    typed(response).setHeader('ETag', '"a"');
    const isKnown = request.headers['if-none-match'] === '"a"';
    if (isKnown) response.writeHead(304).end();
    else response.end(page);
  };
  await withServer({ now }, handler, async ({ get }) => {
    const { headers } = await get();
    const revisit = { 'if-none-match': headers.etag! };
    expect((await get(revisit)).headers[':status']).toBe(304);
    now.advance(6 * 3600);
    expect((await get(revisit)).headers[':status']).toBe(200);
  });
});

test('to HEAD go the headers alone', async () => {
  await withServer(
    {},
    (_, response) => void typed(response).end(page),
    async ({ get }) => {
      const { headers, body } = await get({ ':method': 'HEAD' });
      expect(headers['cache-control']).toBe('no-cache');
      expect(body.length).toBe(0);
    },
  );
});

test('links are signed, in early hints too; trailers arrive without digests', async () => {
  const handler: Handler = (_, response) => {
    const link = `<${url()}>; rel=preload; as=image`;
    response.writeEarlyHints({ link });
    typed(response).setHeader('Link', link);
    response.setHeader('Trailer', 'content-digest, x-time');
    response.write(page);
    (response as Trailing).setTrailer('content-digest', 'sha-256=:AA==:');
    response.addTrailers({ 'x-time': '1', 'repr-digest': 'sha-256=:AA==:' });
    response.end();
  };
  await withServer({}, handler, async ({ get }) => {
    const { headers, hints, trailers, text } = await get();
    expect(countTokens(String(headers.link))).toBe(1);
    expect(countTokens(String(hints[0]?.link))).toBe(1);
    expect(headers['trailer']).toBe('x-time');
    expect(Object.keys(trailers)).toEqual(['x-time']);
    expect(countTokens(text)).toBe(1);
  });
});

test('an encoded body is signed, whole and in parts', async () => {
  const body = gzipSync(page);
  const whole: Handler = (_, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    typed(response).end(body);
  };
  const inParts: Handler = (_, response) => {
    response.setHeader('Content-Encoding', 'gzip');
    typed(response).write(body.subarray(0, 40));
    response.end(body.subarray(40));
  };
  for (const handler of [whole, inParts]) {
    await withServer({}, handler, async ({ get }) => {
      expect(countTokens(gunzipSync((await get()).body).toString())).toBe(1);
    });
  }
});

test('what is no page goes by', async () => {
  const handler: Handler = (_, response) => {
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('ETag', '"a"');
    response.end(JSON.stringify(url()));
  };
  await withServer({}, handler, async ({ get }) => {
    const { text, headers } = await get();
    expect(JSON.parse(text)).toBe(url());
    expect(headers.etag).toBe('"a"');
  });
});

test('a client that goes in mid-page is no error', async () => {
  let closed: () => void = () => {};
  const isClosed = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const handler: Handler = (_, response) => {
    response.once('close', () => {
      response.write(page);
      response.end(page);
      closed();
    });
    typed(response).write(`${page}<img `);
  };
  const sign = imageSigner(base as ImageSignerOptions);
  const server = createServer((request, response) =>
    sign(...([request, response] as unknown as [IncomingMessage, ServerResponse]), () =>
      handler(request, response),
    ),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const stream = session.request({ ':path': '/' });
  stream.on('error', () => {});
  await once(stream, 'data');
  stream.close();
  await isClosed;
  session.destroy();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  expect(stream.destroyed).toBe(true);
});

test.each<[title: string, list: readonly unknown[]]>([
  ['flat', ['content-type', 'text/html', 'set-cookie', 'a=1', 'set-cookie', 'b=2']],
  [
    'of pairs',
    [
      ['content-type', 'text/html'],
      ['set-cookie', 'a=1'],
      ['set-cookie', 'b=2'],
    ],
  ],
])('a list for writeHead, %s, keeps each of its cookies, and its page is signed', async (_title, list) => {
  await withServer(
    {},
    (_, response) => void response.writeHead(200, list as never).end(page),
    async ({ get }) => {
      const { headers, text } = await get();
      expect(headers['set-cookie']).toEqual(['a=1', 'b=2']);
      expect(countTokens(text)).toBe(1);
    },
  );
});

test('what an app sends by the stream itself passes as it came', async () => {
  const handler: Handler = (_, { stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'text/html', 'cache-control': 'max-age=60' });
    stream.end(page);
  };
  await withServer({}, handler, async ({ get }) => {
    const { headers, text } = await get();
    expect([headers['cache-control'], text]).toEqual(['max-age=60', page]);
  });
});
