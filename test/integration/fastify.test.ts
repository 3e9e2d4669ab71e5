/** Fastify 5 over a real socket, with its plugins registered before and after. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import caching from '@fastify/caching';
import compress from '@fastify/compress';
import etag from '@fastify/etag';
import statics from '@fastify/static';
import view from '@fastify/view';
import ejs from 'ejs';
import fastify from 'fastify';
import { afterAll, describe, expect, test } from 'vitest';
import { imageGuard, imageSigner, signingEndpoint } from '../../src/fastify.ts';
import type { ImageSignerEvent } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type Build, decoded, options, withApp } from '../support/fastify-site.ts';
import type { RawResponse } from '../support/raw.ts';
import { clockAt, countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}"><img src="${url('card')}">`;
const folder = mkdtempSync(join(tmpdir(), 'fastify-'));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, 'title.ejs'), '<%- title %>');
writeFileSync(join(folder, 'view.ejs'), `<img src="<%- signImage('${url()}') %>"><%- image %>`);

/** Every way in which a handler of Fastify sends a page. */
const senders: Readonly<Record<string, Build>> = {
  text: (app) => app.get('/', (_, reply) => reply.type('text/html').send(page)),
  'a returned text': (app) =>
    app.get('/', async (_, reply) => {
      reply.type('text/html');
      return page;
    }),
  'a Buffer': (app) => app.get('/', (_, reply) => reply.type('text/html').send(Buffer.from(page))),
  'a stream': (app) =>
    app.get('/', (_, reply) =>
      reply.type('text/html').send(Readable.from([page.slice(0, 20), page.slice(20)])),
    ),
  'a web stream': (app) =>
    app.get('/', (_, reply) => reply.type('text/html').send(new Blob([page]).stream() as never)),
  'a Response': (app) => app.get('/', () => new Response(page, { headers: { 'content-type': 'text/html' } })),
  'reply.raw': (app) =>
    app.get('/', (_, reply) => {
      reply.hijack();
      reply.raw.setHeader('Content-Type', 'text/html');
      reply.raw.write(page.slice(0, 30));
      reply.raw.end(page.slice(30));
    }),
  'an error page': (app) => {
    app.setErrorHandler((_error, _request, reply) => reply.code(500).type('text/html').send(page));
    app.get('/', async () => {
      throw new Error('on purpose');
    });
  },
};

describe.each(Object.entries(senders))('a page as %s', (name, route) => {
  test.each(['before', 'after', 'nowhere'])('is signed with plugins %s', async (where) => {
    const plugins: Build = async (app) => {
      await app.register(etag);
      await app.register(compress, { threshold: 0 });
      await app.register(caching, { privacy: 'public', expiresIn: 1_000_000 });
    };
    const build: Build = async (app) => {
      if (where === 'before') await plugins(app);
      await app.register(imageSigner, options());
      if (where === 'after') await plugins(app);
      await app.register(async (scope) => void route(scope));
    };
    await withApp(build, async (get) => {
      for (const coding of ['identity', 'gzip', 'br']) {
        const response = await get('/', { headers: { accept: 'text/html', 'accept-encoding': coding } });
        expect(response.isComplete).toBe(true);
        expect(withoutTokens(decoded(response))).toBe(page);
        expect(countTokens(decoded(response))).toBe(2);
        expect(response.status).toBe(name === 'an error page' ? 500 : 200);
        const isCompressed = where !== 'nowhere' && coding !== 'identity' && name !== 'reply.raw';
        expect(response.header('content-encoding')).toBe(isCompressed ? coding : undefined);
        // The plugin makes error pages `no-store`, which is left alone.
        if (where !== 'nowhere' && name !== 'reply.raw' && name !== 'an error page')
          expect(response.header('cache-control')).toBe('public, max-age=43200');
      }
    });
  });
});

describe('entity tags', () => {
  test.each(['before', 'after'])(
    'a page gets its 304 within the step, and not after it, with tags %s',
    async (where) => {
      const now = clockAt();
      const build: Build = async (app) => {
        if (where === 'before') await app.register(etag);
        await app.register(imageSigner, options({ now }));
        if (where === 'after') await app.register(etag);
        app.get('/', (_, reply) => reply.type('text/html').send(page));
        app.get('/data', (_, reply) => reply.send({ a: 1 }));
      };
      await withApp(build, async (get) => {
        for (const accept of ['text/html', '*/*']) {
          const first = await get('/', { headers: { accept } });
          const tag = first.header('etag')!;
          expect(tag).toMatch(/-is\.[0-9a-f]{24}"$/);
          const again = await get('/', { headers: { accept, 'if-none-match': tag } });
          expect([again.status, again.header('etag'), again.text]).toEqual([304, tag, '']);
          // The tag that the app makes itself, without the tokens, was never sent: it vouches for no signed page.
          const bare = tag.replace(/-is\.[0-9a-f]+/, '').replace('W/', '');
          // Unless the client asks for HTML, a plugin before us has compared the tags when we hear of the page.
          if (where === 'after' || accept === 'text/html')
            expect((await get('/', { headers: { accept, 'if-none-match': bare } })).status).toBe(200);
          now.advance(21_600);
          const later = await get('/', { headers: { accept, 'if-none-match': tag } });
          expect([later.status, countTokens(later.text)]).toEqual([200, 2]);
        }
        const data = await get('/data');
        const headers = { 'if-none-match': data.header('etag')! };
        expect((await get('/data', { headers })).status).toBe(304);
      });
    },
  );
});

describe('where a plugin before us compares the tags of clients that do not ask for HTML', () => {
  const accept = 'application/json, */*';
  const visit = async (
    json: boolean,
    path: string,
    ifNoneMatch: (bare: string) => string,
  ): Promise<RawResponse> => {
    let answer: RawResponse | undefined;
    await withApp(
      async (app) => {
        await app.register(etag);
        await app.register(imageSigner, options({ rewrite: { html: true, json } }));
        app.get('/', (_, reply) => reply.type('text/html').send(page));
        app.get('/data', (_, reply) => reply.send({ image: url() }));
      },
      async (get) => {
        const { header } = await get(path, { headers: { accept } });
        const bare = header('etag')!
          .replace(/-is\.[0-9a-f]+/, '')
          .replace('W/', '');
        answer = await get(path, { headers: { accept, 'if-none-match': ifNoneMatch(bare) } });
      },
    );
    return answer!;
  };

  test('JSON that is signed comes whole to a tag that is not ours', async () => {
    const { status, text } = await visit(true, '/data', (bare) => bare);
    expect([status, countTokens(text)]).toEqual([200, 1]);
  });

  test('JSON that is not signed keeps its 304', async () => {
    expect((await visit(false, '/data', (bare) => bare)).status).toBe(304);
  });

  test('a 304 for a page vouches for nothing: it has no tag', async () => {
    const { status, header } = await visit(false, '/', (bare) => bare);
    expect([status, header('etag')]).toEqual([304, undefined]);
  });
});

test('handlers have the helpers', async () => {
  const build: Build = async (app) => {
    await app.register(imageSigner, options());
    app.get('/', (request) => ({
      url: request.signImage(url()),
      srcset: request.signSrcset(url(), { thumb: '1x', card: '2x' }),
    }));
  };
  await withApp(build, async (get) => expect(countTokens((await get('/')).text)).toBe(3));
});

describe.each(['before', 'after'])('views, with their plugin %s', (where) => {
  const shared = Object.freeze({ title: url('card') });

  const buildWith =
    (rewrite: object): Build =>
    async (app) => {
      if (where === 'before') await app.register(view, { engine: { ejs }, root: folder });
      await app.register(imageSigner, options({ rewrite: { html: false, ...rewrite } }));
      if (where === 'after') await app.register(view, { engine: { ejs }, root: folder });
      app.addHook('preHandler', async (request, reply) => {
        // As the plugin's documentation does it.
        if (request.url.startsWith('/own-locals')) Object.assign(reply, { locals: shared });
        if (request.url.startsWith('/no-locals')) Object.assign(reply, { locals: null });
      });
      for (const path of ['/', '/own-locals', '/no-locals'])
        app.get(path, (_, reply) => reply.view('view.ejs', { image: url('card') }));
      app.get('/title', (_, reply) => {
        Object.assign(reply, { locals: { title: url('card') } });
        return reply.view('title.ejs', undefined as never);
      });
      app.get('/async', async (_, reply) => {
        reply.type('text/html');
        return reply.viewAsync('view.ejs', { image: url('card') });
      });
    };

  test('have the helpers, whatever the app assigns to reply.locals', async () => {
    await withApp(buildWith({}), async (get) => {
      for (const path of ['/', '/own-locals', '/no-locals', '/async'])
        expect(countTokens((await get(path)).text), path).toBe(1);
      expect(shared).toEqual({ title: url('card') });
    });
  });

  test('get signed data and locals with rewrite.locals', async () => {
    await withApp(buildWith({ locals: true }), async (get) => {
      for (const path of ['/', '/own-locals', '/no-locals', '/async'])
        expect(countTokens((await get(path)).text), path).toBe(2);
      expect(countTokens((await get('/title')).text)).toBe(1);
    });
    await withApp(buildWith({}), async (get) => expect(countTokens((await get('/title')).text)).toBe(0));
  });
});

test('authorize gets the request, skip the request and the reply', async () => {
  const events: ImageSignerEvent[] = [];
  const build: Build = async (app) => {
    await app.register(
      imageSigner,
      options({
        authorize: (_image: unknown, request: { headers: Record<string, unknown> }) =>
          request.headers['x-viewer'] === 'ada',
        skip: (request: { url: string }, reply: { statusCode: number }) =>
          request.url === '/skipped' && reply.statusCode === 200,
        report: (event: ImageSignerEvent) => note(events, event),
      }),
    );
    for (const path of ['/', '/skipped']) app.get(path, (_, reply) => reply.type('text/html').send(page));
  };
  await withApp(build, async (get) => {
    expect(countTokens((await get('/', { headers: { 'x-viewer': 'ada' } })).text)).toBe(2);
    const other = await get('/');
    expect([countTokens(other.text), other.header('cache-control')]).toEqual([0, 'private, no-cache']);
    expect((await get('/skipped', { headers: { 'x-viewer': 'ada' } })).text).toBe(page);
    expect(events).toContainEqual({ type: 'skipped', url: url(), reason: 'not-authorized' });
  });
});

test('HEAD has the headers of GET, without a body', async () => {
  const build: Build = async (app) => {
    await app.register(imageSigner, options());
    app.get('/', (_, reply) => reply.type('text/html').send(page));
  };
  await withApp(build, async (get) => {
    const [whole, head] = [await get('/'), await get('/', { method: 'HEAD' })];
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.header('content-length')).toBe(whole.header('content-length'));
    expect(Number(whole.header('content-length'))).toBe(whole.body.length);
  });
});

test('a wrong option fails the start of the app', async () => {
  const app = fastify();
  app.register(imageSigner, options({ ttl: '1 day' }));
  await expect(app.ready()).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'ttl' });
});

test('registered twice with other options, the later ones hold, and the first says so', async () => {
  const events: ImageSignerEvent[] = [];
  const build: Build = async (app) => {
    await app.register(imageSigner, options());
    await app.register(
      imageSigner,
      options({ variants: ['thumb'], report: (event: ImageSignerEvent) => note(events, event) }),
    );
    app.get('/', (_, reply) => reply.type('text/html').send(page));
  };
  await withApp(build, async (get) => {
    expect(countTokens((await get('/')).text)).toBe(1);
    expect(events).toContainEqual({ type: 'installed-twice' });
  });
});

describe('the guard', () => {
  const signer = signerWith({ delivery: '/images' });
  const path = '/images/acct/photo/thumb';
  const build: Build = async (app) => {
    await app.register(imageGuard, { signer, prefix: '/images' } as never);
    app.get('/images/*', (request) => ({ id: request.signedImage?.image.id }));
    app.get('/*', () => ({ open: true }));
  };

  test('lets through what carries a valid token, and nothing else below its path', async () => {
    await withApp(build, async (get) => {
      const passed = await get(signer.signImage(path));
      expect([passed.status, passed.text]).toEqual([200, '{"id":"photo"}']);
      expect(passed.header('cache-control')).toMatch(/^private, max-age=\d+$/);
      const refused = await get(path);
      expect([refused.status, refused.text]).toEqual([403, 'Forbidden\n']);
      expect(refused.header('cache-control')).toBe('no-store');
      expect(refused.header('x-content-type-options')).toBe('nosniff');
      expect((await get('/other')).text).toBe('{"open":true}');
    });
  });

  test.each([
    '/%69mages/acct/photo/thumb',
    '/%2569mages/acct/photo/thumb',
    '/IMAGES/acct/photo/thumb',
    '//images/acct/photo/thumb',
    '/x/../images/acct/photo/thumb',
    '/x/%2e%2e/images/acct/photo/thumb',
    '/x/%2e%2e%2fimages/acct/photo/thumb',
    '/x\\..\\images/acct/photo/thumb',
    '/images/acct/photo/thumb/',
    '/images/acct//photo/thumb',
    '/images%2facct/photo/thumb',
    '/x%3F/../images/acct/photo/thumb',
    '/x%23/..%2fimages/acct/photo/thumb',
    '/x;/../images/acct/photo/thumb',
    '//localhost/images/acct/photo/thumb',
    'http://localhost/images/acct/photo/thumb',
  ])('refuses %s, however it is routed', async (target) => {
    await withApp(build, async (get) => {
      const { status, text } = await get(target);
      expect([403, 404]).toContain(status);
      expect(text).not.toContain('open');
    });
  });

  test.each(['/images/', '/images'])(
    'guards below the prefix %s, also within a scope that has one',
    async (prefix) => {
      const nested: Build = async (app) => {
        await app.register(
          async (scope) => {
            await scope.register(imageGuard, {
              signer: signerWith({ delivery: '/api/images' }),
              prefix,
            } as never);
            scope.get('/images/*', () => ({ open: true }));
            scope.get('/page', () => ({ open: true }));
          },
          { prefix: '/api' },
        );
        await app.register(imageGuard, { signer, prefix } as never);
        app.get('/images/*', () => ({ open: true }));
      };
      await withApp(nested, async (get) => {
        for (const image of [path, `/api${path}`]) {
          expect((await get(image)).status).toBe(403);
          const delivery = image.slice(0, image.indexOf('/acct'));
          expect((await get(signerWith({ delivery }).signImage(image))).status).toBe(200);
        }
        expect((await get('/api/page')).status).toBe(200);
      });
    },
  );

  test.each(['/:tenant', '/:tenant/shop-:shop'])('guards a catch-all below the scope %s', async (prefix) => {
    const nested: Build = async (app) => {
      await app.register(
        async (scope) => {
          await scope.register(imageGuard, { signer, prefix: '/images' } as never);
          scope.get('/*', () => ({ open: true }));
        },
        { prefix },
      );
    };
    const scope = prefix.replaceAll(/:\w+/g, 'acme');
    await withApp(nested, async (get) => {
      for (const target of [`${scope}${path}`, `${scope}/%69mages/photo`, `/${scope}//IMAGES/photo`])
        expect([target, (await get(target)).text.includes('open')]).toEqual([target, false]);
      for (const target of [`${scope}/page`, `${scope}/page/images`, `${scope}/imagery`])
        expect([target, (await get(target)).text]).toEqual([target, '{"open":true}']);
    });
  });

  test.each([
    ['/:tenant', ['a%2Fb', 'a%252Fb', 'a;b', 'a%3Bb', 'a%3Fb', 'a%23b', 'a%5Cb', 'a\\b', '%2F%2F'], 'a/b'],
    ['/:tenant/:shop', ['a%2Fb/c', 'a/b;c', '/a', 'a/'], 'a/b/c'],
    ['/:tenant(^a?b.?$)', ['b', 'ab', 'b%2F'], 'ab/c'],
    ['/:tenant(^a(?:;|#|%23)b$)', ['a;b', 'a%23b'], 'a;b/c'],
    ['/:tenant(^[^/]{1,9}$)/x', ['a/x', 'a;b/x'], 'a/x/c'],
  ])('guards below the scope %s, whatever its parameters match', async (prefix, matches, page) => {
    const nestedWith =
      (route: string): Build =>
      async (app) => {
        await app.register(
          async (scope) => {
            await scope.register(imageGuard, { signer, prefix: '/images' } as never);
            scope.get(route, () => ({ open: true }));
          },
          { prefix },
        );
      };
    for (const route of ['/*', '/images/*']) {
      await withApp(nestedWith(route), async (get) => {
        const targets = matches.flatMap((each) => [`/${each}${path}`, `http://shop.example/${each}${path}`]);
        for (const target of targets)
          expect([target, (await get(target)).text]).toEqual([target, 'Not Found\n']);
      });
    }
    await withApp(nestedWith('/*'), async (get) => {
      for (const target of [`/${page}/page`, `/${page}/page/images`, `/${page}/imagery`])
        expect([target, (await get(target)).text]).toEqual([target, '{"open":true}']);
    });
  });

  test.each(['images', '//images', '/a/../images', 1])('a prefix %s fails the start', async (prefix) => {
    const app = fastify();
    app.register(imageGuard, { signer, prefix } as never);
    await expect(app.ready()).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'prefix' });
  });

  test('an image has one name, though the router reads a ; as the beginning of the query', async () => {
    const app = fastify({ routerOptions: { useSemicolonDelimiter: true } as never });
    app.register(imageGuard, { signer, prefix: '/images' } as never);
    app.get('/images/:account/:id/:variant', (request) => request.params);
    expect((await app.inject(`${path};/preview`)).statusCode).toBe(404);
    expect((await app.inject(signer.signImage(path))).statusCode).toBe(200);
    await app.close();
  });

  test('with rewriteUrl, counts by what is routed', async () => {
    const app = fastify({ rewriteUrl: ({ url = '' }) => url.replace('/cdn', '/images') });
    app.register(imageGuard, { signer, prefix: '/images' } as never);
    app.get('/*', () => ({ open: true }));
    expect((await app.inject(path.replace('/images', '/cdn'))).statusCode).toBe(404);
    await app.close();
  });

  test('guards every route of a scope that registers it without a prefix', async () => {
    const scoped: Build = async (app) => {
      await app.register(async (scope) => {
        await scope.register(imageGuard, { signer } as never);
        await scope.register(statics, { root: folder, prefix: '/images/' });
      });
      app.get('/page', () => ({ open: true }));
    };
    await withApp(scoped, async (get) => {
      expect((await get('/images/view.ejs')).status).toBe(404);
      expect((await get(path)).status).toBe(403);
      expect((await get('/page')).text).toBe('{"open":true}');
    });
  });
});

describe('the endpoint', () => {
  const build: Build = async (app) => {
    await app.register(etag);
    app.addHook('onRequest', async (_, reply) => void reply.header('access-control-allow-origin', '*'));
    await app.register(
      signingEndpoint,
      options({
        prefix: '/sign',
        authorize: async (_image: unknown, request: { headers: Record<string, unknown> }) =>
          request.headers['x-viewer'] === 'ada',
      }),
    );
    app.get('/', () => 'home');
  };
  const ada = { 'x-viewer': 'ada' };

  test('signs one URL, or many, for a viewer who may see them', async () => {
    await withApp(build, async (get) => {
      for (const target of [`/sign/${url()}`, `/sign?url=${encodeURIComponent(url())}`]) {
        const { status, text, header } = await get(target, { headers: ada });
        expect([status, withoutTokens(text), countTokens(text)]).toEqual([200, url(), 1]);
        expect(header('cache-control')).toBe('no-store');
        for (const name of ['etag', 'access-control-allow-origin']) expect(header(name)).toBeUndefined();
        expect((await get(target)).status).toBe(403);
      }
      const headers = { ...ada, 'content-type': 'application/json' };
      const many = await get('/sign', {
        method: 'POST',
        headers,
        body: JSON.stringify({ urls: [url(), 'x'] }),
      });
      expect(many.status).toBe(200);
      expect(countTokens(many.text)).toBe(1);
      expect(JSON.parse(many.text).urls.x).toEqual({ error: expect.any(String) });
    });
  });

  test('within a scope that has a prefix', async () => {
    const nested: Build = async (app) => {
      await app.register(
        async (scope) => {
          await scope.register(signingEndpoint, options({ prefix: '/sign', authorize: () => true }));
        },
        { prefix: '/api' },
      );
    };
    await withApp(nested, async (get) => {
      for (const target of [`/api/sign/${url()}`, `/api/sign?url=${encodeURIComponent(url())}`])
        expect(countTokens((await get(target)).text), target).toBe(1);
    });
  });

  test('refuses other methods, types and lengths with its own lines', async () => {
    await withApp(build, async (get) => {
      for (const method of ['PUT', 'QUERY', 'TRACE']) {
        for (const target of ['/sign', `/sign/${url()}`]) {
          // Without a type and a body Fastify itself refuses QUERY.
          const { status, header } = await get(
            target,
            method === 'QUERY'
              ? { method, headers: { 'content-type': 'application/json' }, body: '{}' }
              : { method },
          );
          expect([status, header('allow')], `${method} ${target}`).toEqual([
            405,
            target === '/sign' ? 'GET, HEAD, POST' : 'GET, HEAD',
          ]);
        }
      }
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      expect((await get('/sign', { method: 'POST', headers: form, body: 'a=b' })).status).toBe(415);
      const json = { 'content-type': 'application/json' };
      const long = JSON.stringify({ urls: ['x'.repeat(70_000)] });
      expect((await get('/sign', { method: 'POST', headers: json, body: long })).status).toBe(413);
      expect((await get('/', {})).text).toBe('home');
    });
  });
});

test('Fastify and avvio name the plugins in their messages', async () => {
  const app = fastify();
  const named = (plugin: unknown): unknown =>
    (plugin as Record<symbol, unknown>)[Symbol.for('fastify.display-name')];
  expect([imageSigner, imageGuard, signingEndpoint].map(named)).toEqual([
    'image-signer',
    'image-signer-guard',
    'image-signer-endpoint',
  ]);
  await app.register(imageSigner, options({}));
  await app.register(signingEndpoint, options({ prefix: '/sign', authorize: () => true }));
  await app.ready();
  expect(app.printPlugins()).toMatch(/ image-signer \d+ ms\n.* image-signer-endpoint \d+ ms\n/s);
  await app.close();
});
