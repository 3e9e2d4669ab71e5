/** What apps of Fastify do besides sending pages: scopes, decorators, error pages, HEAD routes, `inject` and HTTP/2. */
import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import compress from '@fastify/compress';
import etag from '@fastify/etag';
import fastify, { type FastifyReply } from 'fastify';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fastify.ts';
import { type Build, options, withApp } from '../support/fastify-site.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}"><img src="${url('card')}">`;
const asPage = (reply: FastifyReply): FastifyReply => reply.type('text/html');

describe('scopes', () => {
  test('a registration within a scope holds for that scope alone, with all that is in it', async () => {
    const build: Build = async (app) => {
      await app.register(async (scope) => {
        await scope.register(imageSigner, options());
        scope.get('/within', (_, reply) => asPage(reply).send(page));
        await scope.register(async (inner) => {
          inner.get('/deep', (request, reply) => asPage(reply).send(`<p>${request.signImage(url())}`));
        });
      });
      app.get('/beside', (request, reply) => asPage(reply).send(`${page}${typeof request.signImage}`));
    };
    await withApp(build, async (get) => {
      expect(countTokens((await get('/within')).text)).toBe(2);
      expect(countTokens((await get('/deep')).text)).toBe(1);
      expect((await get('/beside')).text).toBe(`${page}undefined`);
    });
  });

  test('routes of the same scope are signed even if they were added before', async () => {
    const build: Build = async (app) => {
      app.get('/', (_, reply) => asPage(reply).send(page));
      await app.register(async (scope) => void scope.get('/in', (_, reply) => asPage(reply).send(page)));
      await app.register(imageSigner, options());
    };
    await withApp(build, async (get) => {
      for (const path of ['/', '/in']) expect(countTokens((await get(path)).text)).toBe(2);
    });
  });

  test('within a scope other options may hold, and siblings do not mix', async () => {
    const build: Build = async (app) => {
      await app.register(imageSigner, options());
      for (const variant of ['thumb', 'card'])
        await app.register(async (scope) => {
          await scope.register(imageSigner, options({ variants: [variant], report: () => {} }));
          scope.get(`/${variant}`, (_, reply) => asPage(reply).send(page));
        });
      app.get('/', (_, reply) => asPage(reply).send(page));
    };
    await withApp(build, async (get) => {
      expect(countTokens((await get('/')).text)).toBe(2);
      for (const variant of ['thumb', 'card'])
        expect((await get(`/${variant}`)).text.match(/thumb(?=\?exp)|card(?=\?exp)/g)).toEqual([variant]);
    });
  });

  test('registered twice with the same options, a page is signed once', async () => {
    const build: Build = async (app) => {
      for (let times = 0; times < 2; times++) await app.register(imageSigner, options());
      for (const [path, body] of Object.entries({ text: page, bytes: Buffer.from(page) }))
        app.get(`/${path}`, (_, reply) => asPage(reply).send(body));
      app.get('/stream', (_, reply) => asPage(reply).send(Readable.from([page])));
    };
    await withApp(build, async (get) => {
      for (const path of ['text', 'bytes', 'stream']) {
        const { text } = await get(`/${path}`);
        expect([withoutTokens(text), countTokens(text)]).toEqual([page, 2]);
      }
    });
  });

  test("an app that has a decorator of its own by one of the helpers' names does not start", async () => {
    for (const name of ['signImage', 'signSrcset']) {
      const app = fastify();
      app.decorateRequest(name, () => 'mine');
      app.register(imageSigner, options());
      await expect(app.ready()).rejects.toMatchObject({ code: 'FST_ERR_DEC_ALREADY_PRESENT' });
    }
  });
});

describe('pages of errors', () => {
  const throws: Build = (app) => {
    app.get('/throws', async () => {
      throw new Error('on purpose');
    });
  };

  test('those of error and not-found handlers are signed, of a scope and of the app', async () => {
    const build: Build = async (app) => {
      await app.register(imageSigner, options());
      const setHandlers: Build = (scope) => {
        scope.setErrorHandler((_error, _request, reply) => asPage(reply).code(503).send(page));
        scope.setNotFoundHandler((_request, reply) => asPage(reply).code(404).send(page));
      };
      setHandlers(app);
      throws(app);
      await app.register(
        async (scope) => {
          setHandlers(scope);
          throws(scope);
        },
        { prefix: '/scope' },
      );
    };
    await withApp(build, async (get) => {
      for (const path of ['/throws', '/scope/throws', '/nowhere', '/scope/nowhere']) {
        const { status, text } = await get(path);
        expect([status, countTokens(text)]).toEqual([path.endsWith('throws') ? 503 : 404, 2]);
      }
    });
  });

  test.each(['before', 'after'])(
    'one is signed in the place of a page whose hook failed, %s',
    async (where) => {
      const addHook: Build = (app) =>
        app.addHook('onSend', async (_request, reply) => {
          if (reply.statusCode === 200) throw new Error('on purpose');
        });
      const build: Build = async (app) => {
        if (where === 'before') await addHook(app);
        await app.register(imageSigner, options());
        if (where === 'after') await addHook(app);
        app.setErrorHandler((_error, _request, reply) => asPage(reply).code(500).send(`${page}!`));
        app.get('/text', (_, reply) => asPage(reply).send(page));
        app.get('/stream', (_, reply) => asPage(reply).send(Readable.from([page])));
      };
      await withApp(build, async (get) => {
        for (const path of ['/text', '/stream']) {
          const { status, text, isComplete, header } = await get(path);
          expect([status, withoutTokens(text), countTokens(text)]).toEqual([500, `${page}!`, 2]);
          expect([isComplete, header('content-length')]).toEqual([true, String(text.length)]);
        }
      });
    },
  );

  test("Fastify's own answer to an error is what it is without us", async () => {
    const answers: string[] = [];
    for (const isSigned of [false, true]) {
      const build: Build = async (app) => {
        if (isSigned) await app.register(imageSigner, options());
        throws(app);
        app.get('/failing', (_, reply) => asPage(reply).send(new Readable({ read: (): never => fail() })));
      };
      await withApp(build, async (get) => {
        for (const path of ['/throws', '/failing']) {
          const { status, text, header } = await get(path);
          answers.push(`${path} ${status} ${text} ${header('content-type')}`);
        }
      });
    }
    expect(answers.slice(2)).toEqual(answers.slice(0, 2));
  });

  test.each([
    ['text', (text: string): string | Readable => text],
    ['a stream', (text: string) => Readable.from(text.match(/.{1,60000}/gs)!)],
  ])(
    'one in the place of a page whose source failed arrives whole, however long it is, from %s',
    async (_name, make) => {
      const errorPage = `${page}${'<p>text</p>'.repeat(1_000_000)}`;
      const build: Build = async (app) => {
        await app.register(imageSigner, options());
        app.setErrorHandler((_error, _request, reply) => asPage(reply).code(500).send(make(errorPage)));
        app.get('/', (_, reply) => asPage(reply).send(new Readable({ read: (): never => fail() })));
      };
      await withApp(build, async (get) => {
        const { status, text, isComplete } = await get('/');
        expect([status, isComplete]).toEqual([500, true]);
        expect(withoutTokens(text) === errorPage).toBe(true);
      });
    },
  );

  test('a page whose source fails is cut off, even if a hook passes no errors on', async () => {
    const build: Build = async (app) => {
      await app.register(imageSigner, options());
      app.addHook('onSend', async (_request, _reply, payload) =>
        (payload as Readable).pipe(new PassThrough()),
      );
      app.get('/', (_, reply) => asPage(reply).send(Readable.from(failingPage(reply))));
    };
    await withApp(build, async (get) => {
      const { status, isComplete } = await get('/');
      expect([status, isComplete]).toEqual([200, false]);
    });
  });

  test.each(['before', 'after'])(
    'a page whose source fails before its first byte gets an answer, compressed %s',
    async (where) => {
      const build: Build = async (app) => {
        if (where === 'before') await app.register(compress, { threshold: 0 });
        await app.register(imageSigner, options());
        if (where === 'after') await app.register(compress, { threshold: 0 });
        app.get('/', (_, reply) => asPage(reply).send(new Readable({ read: (): never => fail() })));
        app.get('/later', (_, reply) => asPage(reply).send(Readable.from(failingPage(reply))));
      };
      await withApp(build, async (get) => {
        for (const coding of ['identity', 'gzip']) {
          const ask = (path: string): ReturnType<typeof get> =>
            get(path, { headers: { 'Accept-Encoding': coding } });
          expect((await ask('/')).status).toBe(500);
          // What has begun as a page does not end like a whole one.
          const { status, isComplete } = await ask('/later');
          expect([status, isComplete]).toEqual([200, false]);
        }
      });
    },
  );
});

async function* failingPage({ raw }: FastifyReply): AsyncGenerator<string> {
  yield page;
  while (!raw.headersSent) await immediate(); // compressors send what they begin with
  fail();
}

function fail(): never {
  throw new Error('the source has failed');
}

describe('HEAD', () => {
  test('its routes have the headers of GET, and no body', async () => {
    for (const where of ['before', 'after', 'nowhere']) {
      const plugins: Build = (app) => app.register(etag).register(compress, { threshold: 0 });
      const build: Build = async (app) => {
        if (where === 'before') await plugins(app);
        await app.register(imageSigner, options());
        if (where === 'after') await plugins(app);
        app.get('/text', (_, reply) => asPage(reply).send(page));
        app.get('/stream', (_, reply) => asPage(reply).send(Readable.from([page])));
        app.head('/own', (_, reply) => asPage(reply).header('content-length', page.length).send());
      };
      await withApp(build, async (get) => {
        for (const path of ['/text', '/stream']) {
          const [whole, head] = [await get(path), await get(path, { method: 'HEAD' })];
          expect([head.status, head.body.length]).toEqual([200, 0]);
          for (const name of ['content-type', 'cache-control', 'etag'])
            expect(head.header(name), `${path} ${name} ${where}`).toBe(whole.header(name));
          expect([undefined, String(whole.body.length)]).toContain(head.header('content-length'));
          expect(countTokens(whole.text)).toBe(2);
        }
        // What the page would be, nobody knows; its length without tokens is not it.
        expect((await get('/own', { method: 'HEAD' })).header('content-length')).toBeUndefined();
      });
    }
  });
});

const senders: Build = async (app) => {
  app.get('/text', (_, reply) => asPage(reply).send(page));
  app.get('/bytes', (_, reply) => asPage(reply).send(Buffer.from(page)));
  app.get('/stream', (_, reply) => asPage(reply).send(Readable.from([page.slice(0, 20), page.slice(20)])));
  app.get('/raw', (_, reply) => {
    reply.hijack().raw.setHeader('content-type', 'text/html');
    reply.raw.end(page);
  });
};

test('what app.inject gives is signed, and counts its bytes', async () => {
  const app = fastify();
  await app.register(imageSigner, options());
  await senders(app);
  for (const path of ['/text', '/bytes', '/stream', '/raw']) {
    const { statusCode, body, headers } = await app.inject(path);
    expect([statusCode, withoutTokens(body), countTokens(body)]).toEqual([200, page, 2]);
    expect([undefined, String(body.length)]).toContain(headers['content-length']);
  }
  const head = await app.inject({ method: 'HEAD', url: '/text' });
  expect([head.statusCode, head.body]).toEqual([200, '']);
  await app.close();
});

describe('HTTP/2', () => {
  const long = `${'<p>text</p>'.repeat(20_000)}${page}`;

  test('pages are signed, whole, streamed, compressed and by HEAD, and get their 304', async () => {
    const app = fastify({ http2: true });
    await app.register(etag);
    await app.register(imageSigner, options() as object as never);
    await app.register(compress);
    await senders(app as never);
    app.get('/long', (_, reply) => reply.type('text/html').send(long));
    await app.listen({ port: 0, host: '127.0.0.1' });
    const session = connect(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`);
    const ask = async (path: string, more: object = {}): Promise<[IncomingHttpHeaders, Buffer]> => {
      const stream = session.request({ ':path': path, ...more });
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(chunk as Buffer);
      return [headers, Buffer.concat(chunks)];
    };
    try {
      for (const path of ['/text', '/bytes', '/stream', '/raw', '/long']) {
        const [headers, body] = await ask(path);
        const text = body.toString();
        expect(withoutTokens(text), path).toBe(path === '/long' ? long : page);
        expect(countTokens(text), path).toBe(2);
        expect([undefined, String(body.length)], path).toContain(headers['content-length']);
      }
      const [headers, body] = await ask('/long', { 'accept-encoding': 'gzip' });
      expect(headers['content-encoding']).toBe('gzip');
      expect(withoutTokens(gunzipSync(body).toString())).toBe(long);
      const [head, nothing] = await ask('/text', { ':method': 'HEAD' });
      expect([head[':status' as never], nothing.length]).toEqual([200, 0]);
      const [again, none] = await ask('/text', { 'if-none-match': head['etag'] });
      expect([again[':status' as never], none.length]).toEqual([304, 0]);
    } finally {
      session.close();
      await app.close();
    }
  });
});
