/**
 * A clock that goes back while the site runs, by one stroke to 1970: pages pass unsigned and whole, images and the endpoint
 * are refused, and nothing that is kept anywhere brings an old token back; over every adapter.
 */
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, imageGuard, imageSigner, signingEndpoint } from '../../src/index.ts';
import { listeners } from '../conformance/drivers/listeners.ts';
import { sourceOf } from '../conformance/source.ts';
import { note } from '../support/events.ts';
import { exchange, type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
import { accountHash, base, id, instant, signerWith, url } from '../support/samples.ts';
import { endpointOptions, post } from '../support/servers/endpoint.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';

const page = `<p>text</p><img src="${url()}"><img srcset="${url('card')} 2x">${'x'.repeat(5_000)}`;
const fault = {
  type: 'passed',
  reason: 'untrusted-clock',
  error: expect.objectContaining({ option: 'now' }),
};
const wrongTimes = [0, -1, Number.NaN, instant - 2 * 86_400_000];
const link = `<${url()}>; rel=preload; as=image`;
const headers = { 'Content-Type': 'text/html; charset=utf-8', ETag: '"a"', Link: link };
const imagePath = `/images/${accountHash}/${id}/thumb`;

interface Scene {
  readonly options: object;
  readonly events: ImageSignerEvent[];
  time: number;
}

function createScene(): Scene {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => note(events, event);
  const scene = { events, time: instant, options: { ...base, now: () => scene.time, report } };
  return scene;
}

describe.each(listeners)('over $name', ({ build }) => {
  /** A page at `/`, in chunks at `/parts` and without a tag and a lifetime at `/bare`, and whatever else there is. */
  const asking = async (scene: Scene, more: object = {}) => {
    const options = { ...scene.options, ...more };
    const listener = await build({
      signers: [options],
      guard: { ...options, delivery: '/images', accountHash },
      endpoint: { ...options, authorize: () => Boolean(scene.events.push({ type: 'asked' } as never)) },
      answer: ({ target }) => {
        if (target.startsWith('/images'))
          return { headers: { 'Content-Type': 'image/webp' }, body: 'canary' };
        const body = target === '/' ? page : sourceOf([page.slice(0, 50), page.slice(50)]);
        if (target === '/bare')
          return { headers: { 'Content-Type': 'text/html; charset=utf-8', Link: link }, body };
        return { headers: { ...headers, 'Cache-Control': 'public, max-age=600' }, body };
      },
    });
    const ask = (target: string, request: RawRequest = {}): Promise<RawResponse> =>
      withSite(listener, (port) => send(port, target, request));
    await ask(imagePath.replace('thumb', 'preview')); // Fastify makes its plugins with the first request
    return ask;
  };
  const lifeOf = ({ header }: RawResponse): unknown => [header('cache-control'), header('etag')];

  test.each(['/', '/parts', '/bare'])(
    'the page at %s passes unsigned, reported once, and is not kept',
    async (path) => {
      for (const time of wrongTimes) {
        const scene = createScene();
        const ask = await asking(scene);
        const before = await ask(path);
        expect([before.status, before.text]).toEqual([200, signerWith().rewriteHtml(page)]);
        expect(scene.events).toEqual([]);
        scene.time = time;
        const response = await ask(path);
        expect([response.status, response.text, response.isComplete]).toEqual([200, page, true]);
        expect([lifeOf(response), response.header('link')]).toEqual([['no-store', undefined], link]);
        expect(scene.events.splice(0)).toEqual([fault]);
        const head = await ask(path, { method: 'HEAD' });
        expect([head.status, head.text, lifeOf(head)]).toEqual([200, '', ['no-store', undefined]]);
        expect(scene.events.splice(0)).toEqual([fault]);
        // What is remembered of pages and values is of no other time.
        scene.time = instant;
        expect((await ask(path)).text).toBe(before.text);
        expect(scene.events).toEqual([]);
      }
    },
  );

  test('a page answers no condition with 304, whoever gave the tag out', async () => {
    const scene = createScene();
    const ask = await asking(scene);
    const tag = (await ask('/')).header('etag')!;
    scene.time = 0;
    for (const condition of [tag, '"a"', `"b", ${tag}`, '*'])
      for (const accept of ['text/html', '*/*']) {
        const response = await ask('/', { headers: { 'if-none-match': condition, accept } });
        expect([response.status, response.text], `${condition} ${accept}`).toEqual([200, page]);
        expect(scene.events.splice(0)).toEqual([fault]);
      }
  });

  test('a page has nobody asked about its images', async () => {
    const scene = createScene();
    const ask = await asking(scene, {
      authorize: () => Boolean(scene.events.push({ type: 'asked' } as never)),
    });
    scene.time = 0;
    expect((await ask('/')).text).toBe(page);
    expect(scene.events).toEqual([fault]);
  });

  test('the guard and the endpoint refuse, ask nobody, and say why to report; what is public is given', async () => {
    const signer = signerWith({ delivery: '/images', accountHash });
    const refusals = [
      [signer.signImage(imagePath), 403, 'untrusted-clock'],
      [signer.signImage(imagePath, undefined, { expiresAt: instant / 1000 - 60 }), 403, 'untrusted-clock'],
      [imagePath, 403, 'missing-signature'],
      [`${imagePath}?exp=1&sig=${'0'.repeat(64)}`, 403, 'bad-signature'],
      [`${imagePath}/`, 404, 'not-a-delivery-url'],
      [`/sign/${url()}`, 403, 'untrusted-clock'],
    ] as const;
    for (const time of wrongTimes) {
      const scene = createScene();
      const ask = await asking(scene);
      scene.time = time;
      for (const [target, status, reason] of refusals) {
        const response = await ask(target);
        const lines = target.startsWith('/sign') ? 'This image is not signed for you.\n' : 'Forbidden\n';
        expect([target, response.status, response.text]).toEqual([
          target,
          status,
          status === 403 ? lines : 'Not Found\n',
        ]);
        expect(response.header('cache-control')).toBe('no-store');
        expect(scene.events.splice(0)).toMatchObject([{ type: 'refused', reason }]);
      }
      expect((await ask(imagePath.replace('thumb', 'preview'))).text).toBe('canary');
      expect((await ask(`/sign/${url('preview')}`)).text).toBe(url('preview'));
      expect(scene.events).toEqual([]);
    }
  });
});

describe.each([
  ['Express 4', express4],
  ['Express 5', express],
] as const)('%s', (_name, create) => {
  /** With the wrong time from the start, unless a handler sets it. */
  async function ask(set: (app: express.Express, scene: Scene) => void, time = 0) {
    const scene = createScene();
    const app = create() as express.Express;
    set(app, scene);
    scene.time = time;
    const request = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n';
    const raw = (await withSite(app, (port) => exchange(port, request))).toString();
    return { raw, text: raw.slice(raw.lastIndexOf('\r\n\r\n') + 4), events: scene.events };
  }

  test('views get their data unsigned, and are rendered', async () => {
    type Locals = Record<'signImage' | 'signSrcset', (...args: string[]) => string> & { photo: string };
    const { text, events } = await ask((app, { options }) => {
      const view = class {
        readonly path = 'x';
        render({ photo, signImage, signSrcset }: Locals, done: (error: null, text: string) => void): void {
          done(null, [photo, signImage(url()), signImage(id, 'thumb'), signSrcset(url())].join('|'));
        }
      };
      app.set('view', view).use(imageSigner({ ...options, rewrite: { locals: true } } as never));
      app.get('/', (_request, response) => response.render('x', { photo: url('card') }));
    });
    expect(text).toBe([url('card'), url(), id, url()].join('|'));
    expect(events).toEqual([fault]);
  });

  test('the helpers of a request throw what the signer throws', async () => {
    const errors: unknown[] = [];
    await ask((app, { options }) => {
      app.use(imageSigner(options as never)).get('/', (request, response) => {
        for (const call of [request.signImage, request.signSrcset])
          try {
            call(url());
          } catch (error) {
            errors.push(error);
          }
        response.end();
      });
    });
    const error = { code: 'INVALID_OPTION', option: 'now' };
    expect(errors).toMatchObject([error, error]);
  });

  test('a second middleware with other options takes over all the same', async () => {
    let given = '';
    const { text } = await ask((app, scene) => {
      app.use(imageSigner(scene.options as never));
      app.use((request, _response, next) => {
        given = request.signImage(url());
        scene.time = 0;
        next();
      });
      app.use(imageSigner({ ...scene.options, ttl: '1h' } as never));
      app.get('/', (_request, response) => response.type('html').send(page));
    }, instant);
    expect(given).toContain('sig=');
    expect(text).toBe(page);
  });

  test('early hints go out as they came', async () => {
    const { raw, events } = await ask((app, { options }) => {
      app.use(imageSigner(options as never)).get('/', (_request, response) => {
        response.writeEarlyHints({ link });
        response.type('html').send(page);
      });
    });
    expect(raw).toMatch(/^HTTP\/1\.1 103 /);
    expect(raw.toLowerCase()).toContain(`link: ${link}`.toLowerCase());
    expect(events).toEqual([fault]);
  });
});

test('the guard forbids to keep an image while whose headers leave the clock goes back', async () => {
  for (const time of wrongTimes) {
    const scene = createScene();
    const guard = imageGuard({ ...scene.options, delivery: '/images' } as never);
    const listener = frameworks.at(-1)!.build([['/images', guard]], (_request, response) => {
      scene.time = time;
      response.setHeader('Cache-Control', 'public, max-age=31536000').end('canary');
    });
    const target = signerWith({ delivery: '/images' }).signImage(imagePath);
    const { status, header } = await withSite(listener, (port) => send(port, target));
    expect([status, header('cache-control')]).toEqual([200, 'no-store']);
  }
});

test('the endpoint signs nothing where the clock goes back while authorize thinks, and still gives what is public', async () => {
  const scene = createScene();
  const authorize = async (): Promise<boolean> => {
    await undefined;
    scene.time = 0;
    return true;
  };
  const endpoint = signingEndpoint(endpointOptions({ ...scene.options, path: '/sign', authorize }));
  await withSite(endpoint, async (port) => {
    const { text } = await send(port, '/sign', post({ urls: [url(), url('preview')] }));
    const answers = [{ error: 'This image is not signed for you.' }, { url: url('preview') }];
    expect(JSON.parse(text).urls).toEqual({ [url()]: answers[0], [url('preview')]: answers[1] });
  });
  expect(scene.events).toEqual([{ type: 'refused', url: url(), reason: 'untrusted-clock' }]);
});

test('a clock that gives rejected promises ends no process: its signer is refused, and pages pass unsigned', async () => {
  const rejections: unknown[] = [];
  const hear = (reason: unknown): void => void rejections.push(reason);
  process.on('unhandledRejection', hear);
  try {
    const rejecting = (): Promise<number> => Promise.reject(new Error('on purpose'));
    expect(() => signerWith({ now: rejecting as never })).toThrow(/got one that returns/);
    let now: () => unknown = () => instant;
    const signer = signerWith({ now: (() => now()) as never });
    const signed = signer.signImage(url());
    now = rejecting;
    expect(signer.verifyImage(signed).ok).toBe(false);
    expect(() => signer.signImage(url())).toThrow(/now/);
    const app = frameworks[0]!.build([imageSigner({ signer, report: false })], (_request, response) => {
      response.setHeader('Content-Type', 'text/html').end(page);
    });
    expect((await withSite(app, (port) => send(port, '/'))).text).toBe(page);
    await new Promise((resolve) => setImmediate(resolve));
    expect(rejections).toEqual([]);
  } finally {
    process.off('unhandledRejection', hear);
  }
});

describe.each(frameworks)('a clock that fails in $name', (framework) => {
  /** @param reads - of the clock that go well in the second request, before it fails for good */
  test.each([
    ['before anything is decided', 0, page],
    ['as the headers leave', 1, signerWith().rewriteHtml(page)],
  ])('%s: no page is lost, nobody may keep it, and it is reported once', async (_title, reads, text) => {
    let left = Number.POSITIVE_INFINITY;
    const events: ImageSignerEvent[] = [];
    const now = (): number => {
      if (left-- <= 0) throw new Error('no clock');
      return instant;
    };
    const sign = imageSigner({ ...base, now, report: (event) => note(events, event) });
    const listener = framework.build([sign], (_request, response) => {
      response.setHeader('Content-Type', 'text/html').setHeader('ETag', '"a"');
      response.setHeader('Cache-Control', 'public, max-age=600').end(page);
    });
    await withSite(listener, async (port) => {
      const tag = (await send(port, '/')).header('etag')!;
      left = reads;
      const response = await send(port, '/', { headers: { 'if-none-match': tag } });
      expect([response.status, response.text]).toEqual([200, text]);
      expect([response.header('cache-control'), response.header('etag')]).toEqual(['no-store', undefined]);
      expect(events).toEqual([fault]);
    });
  });
});
