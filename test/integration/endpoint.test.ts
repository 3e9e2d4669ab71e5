/** The signing endpoint over every server, asked for one URL: by raw sockets, since clients tidy paths up. */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type DeliveryImage, type ImageSignerEvent, imageSigner, signingEndpoint } from '../../src/index.ts';
import {
  ask,
  behind,
  byPath,
  byQuery,
  endpointOptions,
  listening,
  mountAt,
  signer,
} from '../support/endpoint.ts';
import { type Framework, frameworks, serve, withSite } from '../support/frameworks.ts';
import { type RawResponse, send } from '../support/raw.ts';
import { accountHash, base, id, otherAccount, url } from '../support/samples.ts';

const signed = signer.signImage(url());
const expiresAt = Number(/exp=(\d+)/.exec(signed)![1]);
const json = { headers: { accept: 'application/json' } };

function expectPlain({ header, isComplete }: RawResponse): void {
  expect(isComplete).toBe(true);
  expect(header('cache-control')).toBe('no-store');
  expect(header('x-content-type-options')).toBe('nosniff');
  expect(header('content-type')).toBe('text/plain; charset=utf-8');
}

describe.each(frameworks)('$name', (framework) => {
  describe('signs', () => {
    test.each<[title: string, target: string]>([
      ['behind the path', byPath(url())],
      ['behind the path, its slashes merged', byPath(url().replace('//', '/'))],
      ['in the query', byQuery(url())],
      ['in the query, behind a slash', byQuery(url()).replace('?', '/?')],
      ['in the query, not encoded', `/sign?url=${url()}`],
      ['in the query, every character encoded', `/sign?url=${everyCharacter(url())}`],
      ['in a target that is an absolute URL', `http://localhost${byPath(url())}`],
      ['in the query of an absolute URL', `http://localhost${byQuery(url())}`],
      ['with a token of its own, which goes', byPath(`${url()}?exp=1&sig=2`)],
      ['with its good token', byQuery(signed)],
      ['behind a slash too many', `/sign//${url()}`],
    ])('a URL %s', async (_title, target) => {
      const response = await ask(framework, target);
      expect(response.text).toBe(signed);
      expect(response.status).toBe(200);
      expect(response.header('vary')).toBe('Accept');
      expectPlain(response);
    });

    test.each<[title: string, image: string]>([
      ['with http', url().replace('https', 'http')],
      ['with parameters', `${url()}?v=3&width=a%20b`],
      ['with an id in folders', url('thumb', 'media/a/b')],
      ['with an encoded id', url('thumb', '100%25%20gr%C3%BCn')],
      ['of 10,000 characters', url('thumb', 'a'.repeat(10_000))],
    ])('a URL %s, in either form', async (_title, image) => {
      for (const target of [byPath(image), byQuery(image)]) {
        const { status, text } = await ask(framework, target);
        expect(text).toBe(signer.signImage(image));
        expect(status).toBe(200);
      }
    });

    test('a URL that leaves the scheme open, in the query', async () => {
      const image = url().replace('https:', '');
      expect((await ask(framework, byQuery(image))).text).toBe(signer.signImage(image));
    });

    test('a root-relative URL, where there is such a base', async () => {
      const own = `/images/${accountHash}/${id}/thumb`;
      const options = { delivery: ['/images', 'https://imagedelivery.net'] };
      for (const target of [byQuery(own), `/sign${own}`])
        expect((await ask(framework, target, options)).text).toMatch(
          /^\/images\/.*\?exp=\d+&sig=[0-9a-f]{64}$/,
        );
    });

    test('for a client that wants JSON, in JSON', async () => {
      const { text, header, status } = await ask(framework, byPath(url()), {}, json);
      expect(status).toBe(200);
      expect(JSON.parse(text)).toEqual({ url: signed, expiresAt });
      expect(header('content-type')).toBe('application/json');
      expect(header('vary')).toBe('Accept');
      expect(header('cache-control')).toBe('no-store');
      expect(header('x-content-type-options')).toBe('nosniff');
    });

    test('nothing for what is always public, which comes without a token, and is asked of nobody', async () => {
      const options = { authorize: () => false };
      const withToken = `${url('preview')}?exp=1&sig=2`;
      expect((await ask(framework, byPath(withToken), options)).text).toBe(url('preview'));
      expect(JSON.parse((await ask(framework, byQuery(url('preview')), options, json)).text)).toEqual({
        url: url('preview'),
      });
    });

    test('for HEAD with the headers of GET, and no body', async () => {
      const get = await ask(framework, byPath(url()));
      const head = await ask(framework, byPath(url()), {}, { method: 'HEAD' });
      expect(head.body).toHaveLength(0);
      const fields = ({ headers }: RawResponse): unknown => headers.filter(([name]) => name !== 'date');
      expect(fields(head)).toEqual(fields(get));
      expect(head.header('content-length')).toBe(String(signed.length));
    });
  });

  describe('refuses', () => {
    const notAnImage = 'Expected the delivery URL of an image.\n';
    const notAllowed = 'This image is not signed for you.\n';
    const foreign: readonly [image: string, reported?: string][] = [
      ['https://evil.example/a/b/thumb'],
      [`https://evil.example/${url()}`],
      [`https://https://imagedelivery.net/${accountHash}/${id}/thumb`],
      [`https://me@imagedelivery.net/${accountHash}/${id}/thumb`],
      [`https://imagedelivery.net:8443/${accountHash}/${id}/thumb`],
      [`https://imagedelivery.net.evil.example/${accountHash}/${id}/thumb`],
      [`https://imagedelivery.net/${accountHash}/../${id}/thumb`],
      [`https://imagedelivery.net/${accountHash}/%2e%2e/thumb`],
      [`https://imagedelivery.net/${accountHash}/a%2Cb/thumb`],
      [`https://imagedelivery.net/${accountHash}/${id}/thumb/`],
      [`https://imagedelivery.net/cdn-cgi/imagedelivery//${id}/thumb`],
      [`https://imagedelivery.net/thumb`],
      [`${url()}?a=%5C`.replace('%5C', '\\')],
      ['javascript:alert(1)', '/javascript:alert(1)'],
      ['data:image/png;base64,AAAA', '/data:image/png;base64,AAAA'],
      [id, `/${id}`],
    ];

    test.each(foreign)('%s', async (image, reported = image) => {
      for (const [target, heard] of [
        [byPath(image), reported],
        [byQuery(image), image],
      ] as const) {
        const { events, report } = listening();
        const response = await ask(framework, target, { report });
        expect(response.text).toBe(notAnImage);
        expect(response.status).toBe(400);
        expectPlain(response);
        expect(response.header('location')).toBeUndefined();
        // A name before the host may be a password.
        const shown = heard.replace('//me@', '//…@');
        expect(events).toEqual([{ type: 'refused', url: shown, reason: 'not-a-delivery-url' }]);
      }
    });

    test('and events name the path that was asked for, with that of the mount', async () => {
      const pages: unknown[] = [];
      const report = ({ page }: ImageSignerEvent): void => void pages.push(page);
      await ask(framework, byQuery(url('other')), { report });
      expect(pages).toEqual(['GET /sign']);
    });

    test.each<[title: string, target: string]>([
      ['three slashes', byPath(url().replace('//', '///'))],
      ['no scheme behind the path', byPath(url().replace('https:', ''))],
      ['no scheme, and a slash less', byPath(url().replace('https://', '/'))],
      ['the URL encoded behind the path', `/sign/${encodeURIComponent(url())}`],
      ['merged slashes in the query', byQuery(url().replace('//', '/'))],
      ['white space around it', byQuery(` ${url()} `)],
      ['a control character', byQuery(url('thumb', 'a\tb'))],
      ['a line feed at its end', byQuery(`${url()}\n`)],
      ['NUL in its host', byQuery(url().replace('.net', '.net\0'))],
      ['an encoded control character', byPath(url('thumb', 'a%0Ab'))],
      ['no image', byQuery('')],
    ])('%s', async (_title, target) => {
      const { status, text } = await ask(framework, target);
      expect(text).toBe(notAnImage);
      expect(status).toBe(400);
    });

    test('what is not allowed, alike to the last byte for whatever reason, which report hears', async () => {
      const authorize = (image: DeliveryImage): boolean => {
        if (image.variant === 'card') throw new Error('down');
        return false;
      };
      const seen = new Set<string>();
      for (const [image, reason] of [
        [url(), 'not-authorized'],
        [url('card'), 'authorize-threw'],
        [url('hero'), 'variant-not-allowed'],
        [url('__proto__'), 'variant-not-allowed'],
        [url('thumb', id, otherAccount), 'account-not-allowed'],
      ] as const) {
        const { events, report } = listening();
        const target = byPath(`${image}?exp=1790000000&sig=${'a'.repeat(64)}`);
        const { headers, status, text } = await ask(framework, target, { accountHash, authorize, report });
        expect(status).toBe(403);
        expect(text).toBe(notAllowed);
        const error = reason === 'authorize-threw' ? new Error('down') : undefined;
        expect(events).toEqual([{ type: 'refused', url: image, reason, error }]);
        seen.add(JSON.stringify([headers.filter(([name]) => name !== 'date'), text]));
      }
      expect(seen.size).toBe(1);
    });

    test.each<[title: string, target: string]>([
      ['nothing', '/sign'],
      ['nothing behind a slash', '/sign/'],
      ['url twice', `${byQuery(url())}&url=${url('card')}`],
      ['url twice, once in disguise', `${byQuery(url())}&%75rl=${url('card')}`],
      ['url in a list', `/sign?url[]=${url()}`],
      ['another name', `/sign?image=${url()}`],
      ['a second parameter, which belongs to the URL or to nobody', `/sign?url=${url()}?v=1&w=2`],
    ])('a query that names %s', async (_title, target) => {
      const { events, report } = listening();
      const response = await ask(framework, target, { report });
      expect(response.status).toBe(400);
      expect(response.text).toMatch(/^Expected the URL of an image .*\n$/);
      expectPlain(response);
      expect(events).toEqual([]);
    });

    test('a client that wants JSON in JSON', async () => {
      const { status, text } = await ask(framework, byPath('https://evil.example/<script>'), {}, json);
      expect(status).toBe(400);
      expect(JSON.parse(text)).toEqual({ error: notAnImage.trim() });
    });

    test('and shows nothing of what was asked, nor of the key', async () => {
      const canary = '<img/onerror=alert(1)>canary';
      for (const image of [`https://evil.example/${canary}`, url('thumb', canary), url(canary)]) {
        const { text, headers } = await ask(framework, byQuery(image), { authorize: () => false });
        expect(text + JSON.stringify(headers)).not.toMatch(/canary|a-key-for-tests/);
      }
    });
  });

  describe('methods', () => {
    test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('%s is none of them', async (method) => {
      const response = await ask(framework, '/sign', {}, { method });
      expect(response.status).toBe(405);
      expect(response.header('allow')).toBe('GET, HEAD, POST');
      expectPlain(response);
      const image = await ask(framework, byPath(url()), {}, { method });
      expect([image.status, image.header('allow')]).toEqual([405, 'GET, HEAD']);
    });

    test('an image takes no POST, whatever its header says of overriding', async () => {
      const { status, header } = await ask(
        framework,
        byPath(url()),
        {},
        {
          method: 'POST',
          headers: { 'x-http-method-override': 'GET', 'content-type': 'application/json' },
          body: '{}',
        },
      );
      expect([status, header('allow')]).toEqual([405, 'GET, HEAD']);
    });
  });

  describe('other sites', () => {
    const origin = 'https://shop.example';
    const origins = [origin, 'http://localhost:5173'];
    const preflight = (from: string, headers: Record<string, string> = {}) => ({
      method: 'OPTIONS',
      headers: { origin: from, 'access-control-request-method': 'POST', ...headers },
    });

    test('that are named may read', async () => {
      for (const from of origins) {
        for (const target of [byPath(url()), byPath('https://evil.example')]) {
          const { header } = await ask(framework, target, { origins }, { headers: { origin: from } });
          expect(header('access-control-allow-origin')).toBe(from);
          expect(header('access-control-allow-credentials')).toBe('true');
          expect(header('access-control-expose-headers')).toBe('Age, Date');
          expect(header('vary')).toBe('Accept, Origin');
        }
      }
    });

    test('that are named may ask before, for what they need', async () => {
      const wanted = { 'access-control-request-headers': 'authorization,content-type' };
      const response = await ask(framework, '/sign', { origins }, preflight(origin, wanted));
      expect(response.status).toBe(204);
      expect(response.body).toHaveLength(0);
      expect(response.header('access-control-allow-origin')).toBe(origin);
      expect(response.header('access-control-allow-methods')).toBe('GET, HEAD, POST');
      expect(response.header('access-control-allow-headers')).toBe('authorization,content-type');
      expect(response.header('vary')).toBe('Origin');
      expect(response.header('cache-control')).toBe('no-store');
    });

    test.each([
      'https://evil.example',
      'https://shop.example.evil.example',
      'https://shop.example:8443',
      'http://shop.example',
      'https://SHOP.example',
      'https://shop.example/',
      'https://a.shop.example',
      'null',
      'https://shop.example, https://evil.example',
    ])('%s is none of them', async (from) => {
      for (const request of [{ headers: { origin: from } }, preflight(from)]) {
        const { headers, header } = await ask(framework, byPath(url()), { origins }, request);
        expect(headers.filter(([name]) => name.startsWith('access-control'))).toEqual([]);
        expect(header('vary')).toContain('Origin');
      }
    });

    test('may read nothing unless origins says so, not even where the app lets them read the rest', async () => {
      const open = (
        _request: unknown,
        response: { setHeader(name: string, value: string): void },
        next: () => void,
      ) => {
        response.setHeader('Access-Control-Allow-Origin', '*');
        response.setHeader('Vary', 'Accept-Encoding');
        next();
      };
      const { headers, header } = await ask(framework, byPath(url()), {}, { headers: { origin } }, [open]);
      expect(headers.filter(([name]) => name.startsWith('access-control'))).toEqual([]);
      expect(header('vary')).toBe('Accept-Encoding, Accept');
      const named = await ask(framework, byPath(url()), { origins }, { headers: { origin } }, [open]);
      expect(named.header('access-control-allow-origin')).toBe(origin);
    });

    test('the methods and Allow name OPTIONS only then', async () => {
      const { status, header } = await ask(framework, '/sign', { origins }, { method: 'PUT' });
      expect([status, header('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
    });
  });

  describe('with the option path', () => {
    const listener = (other: Framework, next: boolean) =>
      next || other.name !== 'node:http'
        ? other.build([signingEndpoint(endpointOptions({ path: '/sign' }))], behind)
        : signingEndpoint(endpointOptions({ path: '/sign' }));

    test('it takes what is at the path, and lets the rest go on', async () => {
      await withSite(listener(framework, true), async (port) => {
        for (const target of [byPath(url()), byQuery(url()), `http://localhost${byPath(url())}`])
          expect((await send(port, target)).text).toBe(signed);
        for (const target of ['/', '/signs', '/sign%2f', '/x/sign', '/?/sign', '//sign', '/Sign'])
          expect((await send(port, target)).text, target).toBe('behind');
      });
    });
  });

  test('authorize gets the request of the framework, and may be asynchronous', async () => {
    const authorize = async (image: DeliveryImage, request: unknown): Promise<boolean> => {
      await new Promise((resolve) => setImmediate(resolve));
      return (request as { headers: Record<string, string> }).headers['x-user'] === 'ann' && image.id === id;
    };
    const by = (user: string) =>
      ask(framework, byPath(url()), { authorize }, { headers: { 'x-user': user } });
    expect((await by('ann')).text).toBe(signed);
    expect((await by('bob')).status).toBe(403);
  });

  test('authorize that never answers holds up nobody else, and goes with its client', async () => {
    let asked: () => void = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const authorize = (image: DeliveryImage): boolean | Promise<boolean> => {
      if (image.variant !== 'card') return true;
      asked();
      return new Promise(() => {});
    };
    await withSite(framework.build([mountAt(framework, { authorize })], behind), async (port) => {
      const socket = connect(port, '127.0.0.1', () =>
        socket.write(`GET ${byPath(url('card'))} HTTP/1.1\r\nhost: x\r\n\r\n`),
      );
      await isAsked;
      expect((await send(port, byPath(url()))).text).toBe(signed);
      const closed = new Promise((resolve) => socket.on('close', resolve));
      socket.destroy();
      await closed;
      expect((await send(port, byPath(url()))).text).toBe(signed);
    });
  });

  test('an answer that the app has given meanwhile stands, and nobody is told', async () => {
    const told: unknown[] = [];
    const endpoint = signingEndpoint(endpointOptions({ path: '/sign', authorize: async () => true }));
    const listener = framework.build(
      [
        (request, response) => {
          endpoint(request, response, (error) => told.push(error));
          response.end('too slow');
        },
      ],
      behind,
    );
    await withSite(listener, async (port) => {
      const { status, text } = await send(port, byPath(url()));
      expect([status, text]).toEqual([200, 'too slow']);
    });
    expect(told).toEqual([]);
  });

  test('a clock that throws later on is told to the app, and ends no process', async () => {
    let calls = 0;
    const now = (): number => {
      if (calls++ > 0) throw new Error('no clock');
      return base.now!();
    };
    const heard: unknown[] = [];
    const endpoint = signingEndpoint(endpointOptions({ now, path: '/sign' }));
    const listener = framework.build(
      [
        (request, response) =>
          endpoint(request, response, (error) => {
            heard.push(error);
            response.end('told');
          }),
      ],
      behind,
    );
    const { text } = await withSite(listener, (port) => send(port, byPath(url())));
    expect(text).toBe('told');
    expect(heard).toEqual([expect.objectContaining({ message: 'no clock' })]);
  });

  test('behind a middleware that signs pages and data, its answers are its own', async () => {
    const middleware = imageSigner({ ...base, rewrite: { json: true } } as never);
    const { text } = await ask(framework, byPath(url()), {}, json, [middleware]);
    expect(JSON.parse(text)).toEqual({ url: signed, expiresAt });
  });

  test('what an app sets for all its answers makes none of these storable', async () => {
    const cached = (
      _request: unknown,
      response: { setHeader(name: string, value: string): void },
      next: () => void,
    ) => {
      for (const name of ['Cache-Control', 'CDN-Cache-Control', 'Surrogate-Control'])
        response.setHeader(name, 'public, max-age=3600');
      response.setHeader('ETag', '"app"');
      next();
    };
    const { headers, header } = await ask(
      framework,
      byPath(url()),
      {},
      { headers: { 'if-none-match': '*' } },
      [cached],
    );
    expect(header('cache-control')).toBe('no-store');
    expect(headers.map(([name]) => name)).not.toEqual(expect.arrayContaining(['cdn-cache-control']));
    expect([header('surrogate-control'), header('etag')]).toEqual([undefined, undefined]);
  });
});

describe('a bare server that is nothing but the endpoint', () => {
  test('answers 404 for other paths, and 503 where its clock fails', async () => {
    let fails = false;
    const now = (): number => {
      if (fails) throw new Error('no clock');
      return base.now!();
    };
    const site = await serve(signingEndpoint(endpointOptions({ path: '/sign', now })));
    expect((await send(site.port, byPath(url()))).text).toBe(signed);
    for (const target of ['/', '/other', '*']) {
      const response = await send(site.port, target, target === '*' ? { method: 'OPTIONS' } : {});
      expect([response.status, response.text]).toEqual([404, 'Not Found\n']);
      expectPlain(response);
    }
    fails = true;
    const response = await send(site.port, byPath(url()));
    expect([response.status, response.text]).toEqual([503, 'Not available.\n']);
    expectPlain(response);
    await site.close();
  });
});

function everyCharacter(text: string): string {
  return [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('');
}
