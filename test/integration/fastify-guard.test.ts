/** The guard and the endpoint as plugins of Fastify: below which paths they hold, whatever the router makes of a target. */
import statics from '@fastify/static';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, describe, expect, test } from 'vitest';
import { imageGuard, imageSigner, signingEndpoint } from '../../src/fastify.ts';
import type { RawRequest } from '../support/http/raw.ts';
import { countTokens, signerWith, url } from '../support/samples.ts';
import { createFolder } from '../support/servers/express-site.ts';
import { type Build, options, withApp } from '../support/servers/fastify-site.ts';

const folder = createFolder();
afterAll(() => folder.remove());

const signer = signerWith({ delivery: '/images' });
const path = '/images/acct/photo/thumb';
const open = '{"open":true}';
const isOpen = (): object => ({ open: true });

/** @param where - the prefix of the scope in which the guard and the route are */
function guarded(where: string, prefix: string | undefined, route: string, delivery = '/images'): Build {
  return (app: FastifyInstance) =>
    app.register(
      async (scope) => {
        const given = prefix === undefined ? {} : { prefix };
        await scope.register(imageGuard, { signer: signerWith({ delivery }), ...given } as never);
        scope.get(route, isOpen);
      },
      { prefix: where },
    );
}

/** What comes for each target: the page of the app, or what the guard or Fastify says. */
async function answersOf(build: Build, targets: readonly string[]): Promise<string[]> {
  const answers: string[] = [];
  await withApp(build, async (get) => {
    for (const target of targets) answers.push((await get(target)).text);
  });
  return answers;
}

describe('the guard', () => {
  test('lets through what carries a valid token, and nothing else below its path', async () => {
    const targets = [signer.signImage(path), path, '/other'];
    expect(await answersOf(guarded('', '/images', '/*'), targets)).toEqual([open, 'Forbidden\n', open]);
  });

  test('refuses an image however it is spelled and routed', async () => {
    const rest = 'acct/photo/thumb';
    const targets = [
      ...['/%69mages/', '/%2569mages/', '/IMAGES/', '//images/', '/x/../images/', '/x/%2e%2e/images/'],
      ...['/x/%2e%2e%2fimages/', '/x\\..\\images/', '/images%2f', '/x%3F/../images/', '/x%23/..%2fimages/'],
      ...['/x;/../images/', '//localhost/images/', 'http://localhost/images/'],
    ].map((before) => before + rest);
    const all = [...targets, `${path}/`, '/images/acct//photo/thumb'];
    for (const [index, answer] of (await answersOf(guarded('', '/images', '/*'), all)).entries())
      expect([all[index], answer.includes('open')]).toEqual([all[index], false]);
  });

  test.each(['/images/', '/images'])(
    'guards below the prefix %s, also in a scope that has one',
    async (prefix) => {
      const nested: Build = async (app) => {
        await guarded('/api', prefix, '/images/*', '/api/images')(app);
        app.get('/api/page', isOpen);
        await guarded('', prefix, '/images/*')(app);
      };
      const inScope = signerWith({ delivery: '/api/images' }).signImage(`/api${path}`);
      const targets = [path, `/api${path}`, signer.signImage(path), inScope, '/api/page'];
      const refused = 'Forbidden\n';
      expect(await answersOf(nested, targets)).toEqual([refused, refused, open, open, open]);
    },
  );

  test.each(['/:tenant', '/:tenant/shop-:shop'])('guards a catch-all below the scope %s', async (prefix) => {
    const scope = prefix.replaceAll(/:\w+/g, 'acme');
    const images = [`${scope}${path}`, `${scope}/%69mages/photo`, `/${scope}//IMAGES/photo`];
    const pages = [`${scope}/page`, `${scope}/page/images`, `${scope}/imagery`];
    const answers = await answersOf(guarded(prefix, '/images', '/*'), [...images, ...pages]);
    expect(answers.map((each) => each === open)).toEqual([false, false, false, true, true, true]);
  });

  test.each([
    ['/:tenant', ['a%2Fb', 'a%252Fb', 'a;b', 'a%3Bb', 'a%3Fb', 'a%23b', 'a%5Cb', 'a\\b', '%2F%2F'], 'a/b'],
    ['/:tenant/:shop', ['a%2Fb/c', 'a/b;c', '/a', 'a/'], 'a/b/c'],
    ['/:tenant(^a?b.?$)', ['b', 'ab', 'b%2F'], 'ab/c'],
    ['/:tenant(^a(?:;|#|%23)b$)', ['a;b', 'a%23b'], 'a;b/c'],
    ['/:tenant(^[^/]{1,9}$)/x', ['a/x', 'a;b/x'], 'a/x/c'],
  ])('guards below the scope %s, whatever its parameters match', async (prefix, matches, page) => {
    const targets = matches.flatMap((each) => [`/${each}${path}`, `http://shop.example/${each}${path}`]);
    const refused = targets.map((target) => [target, 'Not Found\n']);
    const answersWith = async (route: string, all: readonly string[]) =>
      (await answersOf(guarded(prefix, '/images', route), all)).map((answer, index) => [all[index], answer]);
    for (const route of ['/*', '/images/*']) expect(await answersWith(route, targets)).toEqual(refused);
    const pages = [`/${page}/page`, `/${page}/page/images`, `/${page}/imagery`];
    expect(await answersWith('/*', pages)).toEqual(pages.map((each) => [each, open]));
  });

  test.each(['images', '//images', '/a/../images', 1])('a prefix %s fails the start', async (prefix) => {
    const app = fastify().register(imageGuard, { signer, prefix } as never);
    await expect(app.ready()).rejects.toMatchObject({ code: 'INVALID_OPTION', option: 'prefix' });
  });

  test.each([
    ['reads a ; as the beginning of the query', { useSemicolonDelimiter: true }, `${path};/preview`],
    [
      'reads it so by the option for the router',
      { routerOptions: { useSemicolonDelimiter: true } },
      `${path};/preview`,
    ],
    [
      'rewrites the URL',
      { rewriteUrl: ({ url = '' }) => url.replace('/cdn', '/images') },
      path.replace('images', 'cdn'),
    ],
  ])('an image has one name where the app %s', async (_title, given, target) => {
    const app = fastify(given as never);
    app.register(imageGuard, { signer, prefix: '/images' } as never).get('/*', isOpen);
    expect((await app.inject(target)).statusCode).toBe(404);
    expect((await app.inject(signer.signImage(path))).statusCode).toBe(200);
    await app.close();
  });

  test('guards every route of a scope that registers it without a prefix', async () => {
    const build: Build = async (app) => {
      await app.register(async (scope) => {
        await scope.register(imageGuard, { signer } as never);
        await scope.register(statics, { root: folder.path, prefix: '/images/' });
      });
      app.get('/page', isOpen);
    };
    const answers = await answersOf(build, ['/images/page.html', path, '/page']);
    expect(answers).toEqual(['Not Found\n', 'Forbidden\n', open]);
  });
});

describe('the endpoint', () => {
  const authorize = (): boolean => true;

  test.each(['', '/api'])(
    'signs within the scope "%s", and leaves nothing of other plugins',
    async (scope) => {
      const build: Build = async (app) => {
        app.addHook('onRequest', async (_, reply) => void reply.header('access-control-allow-origin', '*'));
        app.addHook('onSend', async (_, reply) => void reply.header('etag', '"a"'));
        await app.register(
          (inner) => inner.register(signingEndpoint, options({ prefix: '/sign', authorize })),
          {
            prefix: scope,
          },
        );
        app.get('/', isOpen);
      };
      await withApp(build, async (get) => {
        for (const target of [`/sign/${url()}`, `/sign?url=${encodeURIComponent(url())}`]) {
          const { text, header } = await get(scope + target);
          expect([countTokens(text), header('cache-control')]).toEqual([1, 'no-store']);
          expect(header('access-control-allow-origin')).toBeUndefined();
        }
        for (const method of ['PUT', 'QUERY', 'TRACE']) {
          // Without a type and a body Fastify itself refuses QUERY.
          const body = { headers: { 'content-type': 'application/json' }, body: '{}' };
          const request: RawRequest = { method, ...(method === 'QUERY' && body) };
          const answers = [await get(`${scope}/sign`, request), await get(`${scope}/sign/${url()}`, request)];
          expect(answers.map(({ status, header }) => [status, header('allow')])).toEqual([
            [405, 'GET, HEAD, POST'],
            [405, 'GET, HEAD'],
          ]);
        }
        expect((await get('/')).text).toBe(open);
      });
    },
  );
});

test('Fastify and avvio name the plugins in their messages', async () => {
  const plugins = [imageSigner, imageGuard, signingEndpoint] as unknown as Record<symbol, unknown>[];
  const names = plugins.map((plugin) => plugin[Symbol.for('fastify.display-name')]);
  expect(names).toEqual(['image-signer', 'image-signer-guard', 'image-signer-endpoint']);
  const app = fastify();
  await app.register(imageSigner, options());
  await app.register(signingEndpoint, options({ prefix: '/sign', authorize: () => true }));
  await app.ready();
  expect(app.printPlugins()).toMatch(/ image-signer \d+ ms\n.* image-signer-endpoint \d+ ms\n/s);
  await app.close();
});
