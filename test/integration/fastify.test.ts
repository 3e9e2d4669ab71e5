/**
 * What apps of Fastify do besides sending pages: scopes, decorators, error pages, hooks, views and `inject`.
 * Longer than most files: all of them are ways of one kind of app.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import compress from '@fastify/compress';
import etag from '@fastify/etag';
import view from '@fastify/view';
import ejs from 'ejs';
import fastify, { type FastifyReply } from 'fastify';
import { afterAll, describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fastify.ts';
import type { RawResponse } from '../support/http/raw.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';
import { createFolder } from '../support/servers/express-site.ts';
import { type Build, type Get, options, withApp } from '../support/servers/fastify-site.ts';

const page = `<p>ünï</p><img src="${url()}"><img src="${url('card')}">`;
const asPage = (reply: FastifyReply): FastifyReply => reply.type('text/html');
const sendPage = (_: unknown, reply: FastifyReply): FastifyReply => asPage(reply).send(page);
const sendStream = (_: unknown, reply: FastifyReply): FastifyReply =>
  asPage(reply).send(Readable.from([page.slice(0, 20), page.slice(20)]));
const ours =
  (more: object = {}): Build =>
  (app) =>
    app.register(imageSigner, options(more));

/** An app that takes these in turn, for a test. */
async function withAll(builds: readonly Build[], use: (get: Get) => Promise<void>): Promise<void> {
  await withApp(async (app) => {
    for (const build of builds) await build(app);
  }, use);
}

const read = ({ status, text }: RawResponse): unknown[] => [status, withoutTokens(text), countTokens(text)];

function fail(): never {
  throw new Error('the source has failed');
}
const failing = (): Readable => new Readable({ read: fail });

test('a route that passes on what it fetches passes on a part of a page, too', async () => {
  const upstream: Build = (app) =>
    app.get('/upstream', ({ headers: { range } }, reply) =>
      range === undefined ? sendPage(undefined, reply) : asPage(reply.code(206)).send(page.slice(0, 3)),
    );
  const passing: Build = async (app) => {
    await ours()(app);
    app.get('/', async ({ headers: { range }, socket: { localPort } }, reply) => {
      const headers = range === undefined ? {} : { range };
      const answer = await fetch(`http://127.0.0.1:${localPort}/upstream`, { headers });
      for (const name of ['content-type', 'content-length']) reply.header(name, answer.headers.get(name));
      return reply.code(answer.status).send(answer.body);
    });
  };
  await withAll([upstream, (app) => app.register(async (scope) => passing(scope))], async (get) => {
    expect(read(await get('/'))).toEqual([200, page, 2]);
    const { status, text } = await get('/', { headers: { range: 'bytes=0-2' } });
    expect([status, text]).toEqual([206, page.slice(0, 3)]);
    expect(read(await get('/'))).toEqual([200, page, 2]);
  });
});

describe('scopes', () => {
  const nested: Build = async (app) => {
    await app.register(async (scope) => {
      await ours()(scope);
      scope.get('/within', sendPage);
      await scope.register(async (inner) => void inner.get('/deep', sendPage));
    });
  };

  test.each<[title: string, builds: readonly Build[], expected: Readonly<Record<string, number>>]>([
    [
      'a registration holds for its scope alone, with all that is in it',
      [nested, (app) => app.get('/beside', sendPage)],
      { '/within': 2, '/deep': 2, '/beside': 0 },
    ],
    ['and for routes that were added before', [(app) => app.get('/', sendPage), ours()], { '/': 2 }],
    [
      'registered twice, a page is signed once',
      [ours(), ours(), (app) => app.get('/', sendPage), (app) => app.get('/stream', sendStream)],
      { '/': 2, '/stream': 2 },
    ],
    [
      'in a scope other options hold',
      [ours(), (app) => app.register(inScope), (app) => app.get('/', sendPage)],
      { '/': 2, '/scope': 1 },
    ],
  ])('%s', async (_title, builds, expected) => {
    await withAll(builds, async (get) => {
      for (const [path, tokens] of Object.entries(expected)) {
        const { text } = await get(path);
        expect([path, withoutTokens(text), countTokens(text)]).toEqual([path, page, tokens]);
      }
    });
  });

  test.each([
    ['signImage', {}, { code: 'FST_ERR_DEC_ALREADY_PRESENT' }],
    ['signSrcset', {}, { code: 'FST_ERR_DEC_ALREADY_PRESENT' }],
    ['mine', { ttl: '1 day' }, { code: 'INVALID_OPTION', option: 'ttl' }],
  ])('an app does not start with a decorator %s and the options %j', async (name, more, error) => {
    const app = fastify().decorateRequest(name, () => 'mine');
    app.register(imageSigner, options(more));
    await expect(app.ready()).rejects.toMatchObject(error);
  });
});

const inScope: Build = async (scope) => {
  await ours({ variants: ['card'], report: () => {} })(scope);
  scope.get('/scope', sendPage);
};

describe('pages of errors', () => {
  const handlers: Build = (app) => {
    app.setErrorHandler((_error, _request, reply) => asPage(reply).code(503).send(`${page}!`));
    app.setNotFoundHandler((_request, reply) => asPage(reply).code(404).send(`${page}?`));
    app.get('/throws', async () => fail());
  };

  test('those of error and not-found handlers are signed, of a scope and of the app', async () => {
    const scoped: Build = (app) =>
      app.register(async (scope) => void (await handlers(scope)), { prefix: '/scope' });
    await withAll([ours(), handlers, scoped], async (get) => {
      for (const scope of ['', '/scope']) {
        expect(read(await get(`${scope}/throws`))).toEqual([503, `${page}!`, 2]);
        expect(read(await get(`${scope}/nowhere`))).toEqual([404, `${page}?`, 2]);
      }
    });
  });

  const failingHook: Build = (app) =>
    app.addHook('onSend', async (_request, reply) => {
      if (reply.statusCode === 200) fail();
    });

  test.each([
    ['before', [failingHook, ours()]],
    ['after', [ours(), failingHook]],
  ])('one is signed in the place of a page whose hook failed, %s', async (_where, plugins) => {
    const routes: Build = (app) => app.get('/', sendPage).get('/stream', sendStream);
    await withAll([...plugins, handlers, routes], async (get) => {
      for (const path of ['/', '/stream']) {
        const response = await get(path);
        expect([...read(response), response.isComplete]).toEqual([503, `${page}!`, 2, true]);
        expect(response.header('content-length')).toBe(String(response.body.length));
      }
    });
  });

  test.each<[title: string, handler: (reply: FastifyReply) => unknown, isHead: boolean]>([
    ['an error', fail, false],
    ['a source that fails', (reply) => asPage(reply).send(failing()), false],
    ['a source that fails for HEAD', (reply) => asPage(reply).send(failing()), true],
    ['a payload that Fastify refuses', (reply) => asPage(reply).send({ url: url() }), false],
  ])("Fastify's own answer to %s is what it is without us", async (_title, handler, isHead) => {
    const answers: unknown[] = [];
    const method = isHead ? 'HEAD' : 'GET';
    const route: Build = (app) =>
      app.route({ method, url: '/', handler: async (_, reply) => handler(reply) });
    for (const plugins of [[], [ours()]])
      await withAll([...plugins, route], async (get) => {
        const { status, text, header } = await get('/', { method });
        answers.push([status, text, header('content-type')]);
      });
    expect(answers[1]).toEqual(answers[0]);
    expect((answers[1] as unknown[])[0]).toBe(500);
  });

  test.each([
    ['text', (text: string): string | Readable => text],
    ['a stream', (text: string) => Readable.from(text.match(/.{1,60000}/gs)!)],
  ])(
    'one in the place of a page whose source failed arrives whole, however long, from %s',
    async (_, make) => {
      const errorPage = `${page}${'<p>text</p>'.repeat(1_000_000)}`;
      const build: Build = (app) => {
        app.setErrorHandler((_error, _request, reply) => asPage(reply).code(500).send(make(errorPage)));
        app.get('/', (_, reply) => asPage(reply).send(failing()));
      };
      await withAll([ours(), build], async (get) => {
        const { status, text, isComplete } = await get('/');
        expect([status, isComplete, withoutTokens(text) === errorPage]).toEqual([500, true, true]);
      });
    },
  );

  async function* brokenPage({ raw }: FastifyReply): AsyncGenerator<string> {
    yield page;
    while (!raw.headersSent) await immediate(); // compressors send what they begin with
    fail();
  }

  const compressing: Build = (app) => app.register(compress, { threshold: 0 });
  /** It passes no errors on. */
  const piping: Build = (app) =>
    app.addHook('onSend', async (_request, _reply, payload) => (payload as Readable).pipe(new PassThrough()));

  test.each([
    ['compressed before', [compressing, ours()]],
    ['compressed after', [ours(), compressing]],
    ['piped by a hook', [ours(), piping]],
  ])('a page whose source fails is an error or cut off, %s', async (title, plugins) => {
    const routes: Build = (app) => {
      app.get('/', (_, reply) => asPage(reply).send(failing()));
      app.get('/later', (_, reply) => asPage(reply).send(Readable.from(brokenPage(reply))));
    };
    await withAll([...plugins, routes], async (get) => {
      for (const coding of ['identity', 'gzip']) {
        const headers = { 'Accept-Encoding': coding };
        if (title !== 'piped by a hook') expect((await get('/', { headers })).status).toBe(500);
        const { status, isComplete } = await get('/later', { headers });
        expect([status, isComplete]).toEqual([200, false]);
      }
    });
  });
});

describe('HEAD', () => {
  const plugins: Build = (app) => app.register(etag).register(compress, { threshold: 0 });
  const routes: Build = (app) => {
    app.get('/text', sendPage).get('/stream', sendStream);
    app.head('/own', (_, reply) => asPage(reply).header('content-length', page.length).send());
  };

  test.each([
    ['before', [plugins, ours()]],
    ['after', [ours(), plugins]],
    ['nowhere', [ours()]],
  ])('its routes have the headers of GET, and no body, with plugins %s', async (_where, builds) => {
    await withAll([...builds, routes], async (get) => {
      for (const path of ['/text', '/stream']) {
        const [whole, head] = [await get(path), await get(path, { method: 'HEAD' })];
        expect([head.status, head.body.length, countTokens(whole.text)]).toEqual([200, 0, 2]);
        for (const name of ['content-type', 'cache-control', 'etag'])
          expect(head.header(name), `${path} ${name}`).toBe(whole.header(name));
        const length = path === '/text' ? String(whole.body.length) : undefined;
        expect(head.header('content-length'), path).toBe(length);
      }
      // What the page would be, nobody knows; its length without tokens is not it.
      expect((await get('/own', { method: 'HEAD' })).header('content-length')).toBeUndefined();
    });
  });

  test.each([
    ['<b>replaced</b>', '15'],
    [undefined, '4321'],
  ])('what a later hook puts in the place of a stream has its own length: %s', async (body, length) => {
    const hook: Build = (app) =>
      app.addHook('onSend', async (_request, reply, payload) => {
        if (body === undefined) reply.header('Content-Length', length);
        return body ?? payload;
      });
    await withAll([ours(), hook, (app) => app.head('/', sendStream)], async (get) =>
      expect((await get('/', { method: 'HEAD' })).header('content-length')).toBe(length),
    );
  });
});

/** Where an app may look at the payload once our hook has run. */
const observers: Readonly<Record<string, (note: (payload: unknown) => void) => Build>> = {
  'a hook of the route': (note) => (app) => {
    const onSend = async (_request: unknown, _reply: unknown, payload: unknown): Promise<unknown> => {
      note(payload);
      return payload;
    };
    app.get('/', { onSend }, sendPage);
  },
  'a trailer': (note) => (app) => {
    app.get('/', (request, reply) => {
      reply.trailer('x-sum', (_reply, payload, done) => {
        note(payload);
        done(null, 'sum');
      });
      return sendPage(request, reply);
    });
  },
};

test.each(Object.entries(observers))('%s gets the signed page as text, each time', async (_name, build) => {
  const seen: unknown[] = [];
  await withAll([ours(), build((payload) => void seen.push(payload))], async (get) => {
    for (let visit = 0; visit < 4; visit++) {
      const { text } = await get('/');
      expect([withoutTokens(text), seen[visit]]).toEqual([page, text]);
    }
  });
});

test('a stream whose length the app has set arrives whole, without that length', async () => {
  const route: Build = (app) =>
    app.get('/', (request, reply) => sendStream(request, reply.header('content-length', page.length + 2)));
  await withAll([ours(), route], async (get) => {
    const { header, text, isComplete } = await get('/');
    expect([header('content-length'), isComplete, withoutTokens(text)]).toEqual([undefined, true, page]);
  });
});

test('what app.inject gives is signed, and counts its bytes', async () => {
  const app = fastify();
  await app.register(imageSigner, options());
  app.get('/text', sendPage).get('/stream', sendStream);
  app.get('/raw', (_, reply) => {
    reply.hijack().raw.setHeader('content-type', 'text/html');
    reply.raw.end(page);
  });
  for (const path of ['/text', '/stream', '/raw']) {
    const { statusCode, body, headers } = await app.inject(path);
    expect([statusCode, withoutTokens(body), countTokens(body)]).toEqual([200, page, 2]);
    expect([undefined, String(Buffer.byteLength(body))]).toContain(headers['content-length']);
  }
  await app.close();
});

describe('where a plugin before us compares the tags of clients that do not ask for HTML', () => {
  const accept = 'application/json, */*';
  const routes: Build = (app) => app.get('/', sendPage).get('/data', () => ({ image: url() }));

  test.each([
    ['JSON that is signed comes whole', true, '/data', [200, true]],
    ['JSON that is not signed keeps its 304', false, '/data', [304, true]],
    ['a 304 for a page vouches for nothing: it has no tag', false, '/', [304, false]],
  ])('%s to a tag that is not ours', async (_title, json, path, expected) => {
    const plugins: Build[] = [(app) => app.register(etag), ours({ rewrite: { html: true, json } }), routes];
    await withAll(plugins, async (get) => {
      const { header } = await get(path, { headers: { accept } });
      const bare = header('etag')!.replace(/W\/|-is\.[0-9a-f]+/g, '');
      const answer = await get(path, { headers: { accept, 'if-none-match': bare } });
      expect([answer.status, answer.header('etag') !== undefined]).toEqual(expected);
      expect(countTokens(answer.text)).toBe(answer.status === 200 ? 1 : 0);
    });
  });
});

test('skip gets the request and the reply', async () => {
  const skip = (request: { url: string }, reply: { statusCode: number }): boolean =>
    request.url === '/' && reply.statusCode === 200;
  await withAll([ours({ skip }), (app) => app.get('/', sendPage)], async (get) =>
    expect(read(await get('/'))).toEqual([200, page, 0]),
  );
});

describe('locals', () => {
  const folder = createFolder();
  afterAll(() => folder.remove());
  writeFileSync(join(folder.path, 'title.ejs'), '<%- title %>');
  writeFileSync(join(folder.path, 'own.ejs'), `<img src="<%- signImage('${url()}') %>"><%- image %>`);

  const data = { image: url('card') };
  const shared = Object.freeze({ title: url('card') });
  const views: Build = (app) => app.register(view, { engine: { ejs }, root: folder.path });
  const routes: Build = (app) => {
    // As the plugin's documentation does it.
    const assigning = (locals: object | null) => ({
      preHandler: async (_: unknown, reply: FastifyReply) => void Object.assign(reply, { locals }),
    });
    app.get('/', (_, reply) => reply.view('own.ejs', data));
    app.get('/own-locals', assigning(shared), (_, reply) => reply.view('own.ejs', data));
    app.get('/no-locals', assigning(null), (_, reply) => reply.view('own.ejs', data));
    app.get('/title', assigning(shared), (_, reply) => reply.view('title.ejs', undefined as never));
    app.get('/async', async (_, reply) => asPage(reply).viewAsync('own.ejs', data));
  };

  test.each([
    ['before', (plugin: Build): Build[] => [views, plugin]],
    ['after', (plugin: Build): Build[] => [plugin, views]],
  ])(
    'with views %s us have the helpers, and are signed with rewrite.locals, whatever the app assigns',
    async (_, with_) => {
      for (const [locals, tokens] of [
        [false, 1],
        [true, 2],
      ] as const)
        await withAll([...with_(ours({ rewrite: { html: false, locals } })), routes], async (get) => {
          for (const path of ['/', '/own-locals', '/no-locals', '/async'])
            expect([path, countTokens((await get(path)).text)]).toEqual([path, tokens]);
          expect(countTokens((await get('/title')).text)).toBe(tokens - 1);
        });
      expect(shared).toEqual({ title: url('card') });
    },
  );

  const show: Build = (app) =>
    app.get('/', (_, reply) => JSON.stringify(Object.keys((reply as { readonly locals?: object }).locals!)));

  test.each<[title: string, other: Build]>([
    [
      'of a reply that we have not seen, which are null',
      (app) =>
        app.addHook('onRequest', async (_request, reply) => {
          expect((reply as { readonly locals?: unknown }).locals).toBeNull();
          Object.assign(reply, { locals: { title: 'ours' } });
        }),
    ],
    ['that another plugin declares', (app) => app.decorateReply('locals', { getter: () => ({ title: '' }) })],
  ])('%s get the helpers beside what they had', async (_title, other) => {
    await withAll([other, ours(), show], async (get) =>
      expect(JSON.parse((await get('/')).text).sort()).toEqual(['signImage', 'signSrcset', 'title']),
    );
  });
});
