/**
 * HTTP/2 through the compatible interface of `node:http2`, without a framework, in Koa and in Fastify; over a real connection.
 * Longer than most files: three frameworks have one client.
 */
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import compressFastify from '@fastify/compress';
import etagFastify from '@fastify/etag';
import etag from '@koa/etag';
import fastify from 'fastify';
import compress from 'koa-compress';
import conditional from 'koa-conditional-get';
import { afterAll, describe, expect, test } from 'vitest';
import { imageSigner as imageSignerFastify } from '../../src/fastify.ts';
import { type ImageSignerOptions, imageSigner, signingEndpoint } from '../../src/index.ts';
import { base, countTokens, url, withoutTokens } from '../support/samples.ts';
import { endpointOptions } from '../support/servers/endpoint.ts';
import { koaOf, koas, oursOf } from '../support/servers/koa-site.ts';

const page = `<p>é</p><img src="${url()}">`;
const bodies: Readonly<Record<string, () => string | Buffer | Readable>> = {
  '/text': () => page,
  '/bytes': () => Buffer.from(page),
  '/stream': () => Readable.from([page.slice(0, 20), page.slice(20)]),
};

interface Answer {
  readonly headers: http2.IncomingHttpHeaders & { readonly ':status'?: number };
  readonly hints: readonly http2.IncomingHttpHeaders[];
  readonly trailers: http2.IncomingHttpHeaders;
  readonly body: Buffer;
}

type Get = (path?: string, headers?: Record<string, string>) => Promise<Answer>;

async function withServer(
  server: http2.Http2Server,
  run: (get: Get, session: http2.ClientHttp2Session) => Promise<unknown>,
): Promise<void> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const session = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const get: Get = async (path = '/', headers = {}) => {
    const stream = session.request({ ':path': path, ...headers });
    const hints: http2.IncomingHttpHeaders[] = [];
    const trailers: http2.IncomingHttpHeaders = {};
    stream.on('headers', (each) => hints.push(each)).on('trailers', (each) => Object.assign(trailers, each));
    const [responded] = (await once(stream, 'response')) as [Answer['headers']];
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    return { headers: responded, hints, trailers, body: Buffer.concat(chunks) };
  };
  try {
    await run(get, session);
  } finally {
    session.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }
}

test('the answer to too long a body for the endpoint ends its stream', async () => {
  const sign = signingEndpoint(endpointOptions({ path: '/sign' }));
  const server = http2.createServer((request, response) => sign(request as never, response as never));
  await withServer(server, async (_get, session) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/sign',
      'content-type': 'application/json',
    });
    stream.end('x'.repeat(200_000)).resume();
    const [[headers]] = await Promise.all([once(stream, 'response'), once(stream, 'close')]);
    expect(headers[':status']).toBe(413);
  });
});

type Handler = (request: http2.Http2ServerRequest, response: http2.Http2ServerResponse) => void;

function serverOf(handler: Handler): http2.Http2Server {
  const sign = imageSigner(base as ImageSignerOptions);
  return http2.createServer((request, response) => {
    // The compatible interface has the methods of `node:http`, which the types do not say.
    const messages = [request, response] as unknown as [IncomingMessage, ServerResponse];
    sign(...messages, () => handler(request, response));
  });
}

/** Sites that tag and compare, and of which those with a framework compress. */
const servers: readonly (readonly [name: string, create: () => Promise<http2.Http2Server>])[] = [
  [
    'node:http2',
    async () =>
      serverOf((request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.setHeader('ETag', '"a"');
        const body = bodies[request.url]!();
        if (request.headers['if-none-match'] === '"a"') response.writeHead(304).end();
        else if (body instanceof Readable) body.pipe(response);
        else response.end(body);
      }),
  ],
  ...[true, false].flatMap((isBefore) =>
    koas.map(([name, Application]) => {
      const create = async (): Promise<http2.Http2Server> => {
        const neighbours = [conditional(), etag(), compress({ threshold: 0 })];
        const mounts = isBefore ? [...neighbours, oursOf()] : [oursOf(), ...neighbours];
        const app = koaOf(Application, [
          ...mounts,
          (ctx) => void Object.assign(ctx, { type: 'html', body: bodies[ctx.path]!() }),
        ]);
        return http2.createServer(app.callback() as never);
      };
      return [`${name}, neighbours before: ${isBefore}`, create] as const;
    }),
  ),
  [
    'Fastify',
    async () => {
      const app = fastify({ http2: true });
      await app.register(etagFastify);
      await app.register(imageSignerFastify, base as never);
      await app.register(compressFastify, { threshold: 0 });
      for (const [path, body] of Object.entries(bodies))
        app.get(path, (_, reply) => reply.type('text/html').send(body()));
      await app.ready();
      return app.server;
    },
  ],
];

const warnings: string[] = [];
const noteWarning = ({ name }: Error): void => void warnings.push(name);
process.on('warning', noteWarning);
afterAll(() => {
  process.off('warning', noteWarning);
  // It has no reason phrase, and Node.js warns of whoever asks for one.
  expect(warnings).not.toContain('UnsupportedWarning');
});

const read = ({ headers, body }: Answer): [string, number] => {
  const text = (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
  return [withoutTokens(text), countTokens(text)];
};

describe.each(servers)('%s', (name, create) => {
  test.each(Object.keys(bodies))(
    '%s is signed, to HEAD go the headers, and a revisit gets 304',
    async (path) => {
      await withServer(await create(), async (get) => {
        for (const encoding of ['identity', 'gzip']) {
          const answer = await get(path, { 'accept-encoding': encoding });
          const { headers, body } = answer;
          expect([headers[':status'], headers['cache-control'], ...read(answer)]).toEqual([
            200,
            'no-cache',
            page,
            1,
          ]);
          const isEncoded = encoding === 'gzip' && name !== 'node:http2';
          expect(headers['content-encoding']).toBe(isEncoded ? 'gzip' : undefined);
          expect([undefined, String(body.length)]).toContain(headers['content-length']);
        }
        const { headers } = await get(path);
        if (!name.startsWith('Koa 2')) {
          // Which never answers a HEAD over HTTP/2.
          const head = await get(path, { ':method': 'HEAD' });
          expect([head.headers[':status'], head.headers['cache-control'], head.body.length]).toEqual([
            200,
            'no-cache',
            0,
          ]);
        }
        if (headers.etag === undefined) return expect(path).toBe('/stream');
        const again = await get(path, { 'if-none-match': headers.etag });
        expect([again.headers[':status'], again.headers.etag, again.body.length]).toEqual([
          304,
          headers.etag,
          0,
        ]);
      });
    },
  );
});

/** Asks a site without a framework once. */
async function ask(handler: Handler): Promise<Answer> {
  let answer: Answer | undefined;
  await withServer(serverOf(handler), async (get) => {
    answer = await get();
  });
  return answer!;
}

const cookies = [
  ['content-type', 'text/html'],
  ['content-length', '1'],
  ['set-cookie', 'a=1'],
  ['set-cookie', 'b=2'],
];

test.each<[title: string, list: readonly unknown[]]>([
  ['flat', cookies.flat()],
  ['of pairs', cookies],
])(
  'a list for writeHead, %s, keeps each of its cookies but no wrong length, and its page is signed',
  async (_title, list) => {
    const answer = await ask((_, response) => void response.writeHead(200, list as never).end(page));
    expect(answer.headers['content-length']).not.toBe('1');
    expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2']);
    expect(read(answer)).toEqual([page, 1]);
  },
);

test('links are signed, in early hints too; trailers arrive without digests', async () => {
  const { headers, hints, trailers, body } = await ask((_, response) => {
    const link = `<${url()}>; rel=preload; as=image`;
    response.writeEarlyHints({ link });
    const fields = { 'Content-Type': 'text/html', Link: link, Trailer: 'content-digest, x-time' };
    for (const [name, value] of Object.entries(fields)) response.setHeader(name, value);
    response.write(page);
    // The types leave it out.
    (response as unknown as ServerResponse & { setTrailer(...field: string[]): void }).setTrailer(
      'content-digest',
      'x',
    );
    response.addTrailers({ 'x-time': '1', 'repr-digest': 'sha-256=:AA==:' });
    response.end();
  });
  expect([headers.link, hints[0]?.link, body].map(String).map(countTokens)).toEqual([1, 1, 1]);
  expect([headers['trailer'], Object.keys(trailers)]).toEqual(['x-time', ['x-time']]);
});

test.each([0, 40])('an encoded body is signed, in two parts or whole: %i bytes before', async (length) => {
  const answer = await ask((_, response) => {
    const body = gzipSync(page);
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Type', 'text/html');
    if (length > 0) response.write(body.subarray(0, length));
    response.end(body.subarray(length));
  });
  expect(read(answer)).toEqual([page, 1]);
});

test('what an app sends by the stream itself passes as it came', async () => {
  const { headers, body } = await ask((_, { stream }) => {
    stream.respond({ ':status': 200, 'content-type': 'text/html', 'cache-control': 'max-age=60' });
    stream.end(page);
  });
  expect([headers['cache-control'], body.toString()]).toEqual(['max-age=60', page]);
});

test('a client that goes in mid-page is no error', async () => {
  let closed: Promise<unknown> = Promise.resolve();
  const server = serverOf((_, response) => {
    closed = once(response, 'close').then(() => response.end(page));
    response.setHeader('Content-Type', 'text/html');
    response.write(`${page}<img `);
  });
  await withServer(server, async (_get, session) => {
    const stream = session.request({ ':path': '/' }).on('error', () => {});
    await once(stream, 'data');
    stream.close();
    await closed;
    expect(stream.destroyed).toBe(true);
  });
});

test('a body that turns out corrupt late is never ended cleanly', async () => {
  const long = `${page}${Array.from({ length: 60_000 }, (_, i) => i * 7919).join(' ')}`;
  const server = serverOf((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' });
    response.write(gzipSync(long).subarray(0, -8));
    response.once('drain', () => response.end('none of this is gzip'));
  });
  await withServer(server, async (_get, session) => {
    let hasEnded = false;
    const stream = session.request().on('error', () => {});
    stream.once('end', () => {
      hasEnded = true;
    });
    await new Promise((resolve) => stream.resume().once('close', resolve));
    expect(hasEnded).toBe(false);
  });
});
