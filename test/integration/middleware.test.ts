/** One behaviour over Express 4, Express 5, Connect and bare `node:http`. */
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type Framework, frameworks, type Handler, withSite } from '../support/frameworks.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';
import {
  base,
  clockAt,
  countTokens,
  id,
  otherAccount,
  otherId,
  signerWith,
  url,
  withoutTokens,
} from '../support/samples.ts';

const page = `<!DOCTYPE html><title>x</title><img src="${url()}"><p style="background:url(${url('card')})">${url()}</p>`;

function html(body: string = page, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  };
}

async function ask(
  framework: Framework,
  options: object | readonly object[],
  handler: Handler,
  request: RawRequest & { readonly path?: string } = {},
): Promise<RawResponse> {
  const all = Array.isArray(options) ? options : [options];
  const mounts = all.map((each) =>
    imageSigner({ ...('signer' in each ? {} : base), ...each } as ImageSignerOptions),
  );
  return withSite(framework.build(mounts, handler), (port) => send(port, request.path ?? '/', request));
}

describe.each(frameworks)('$name', (framework) => {
  describe('pages', () => {
    test('are signed, and nothing else in them changes', async () => {
      const { status, text, isComplete, header } = await ask(framework, {}, html());
      expect(status).toBe(200);
      expect(isComplete).toBe(true);
      expect(countTokens(text)).toBe(2);
      expect(withoutTokens(text)).toBe(page);
      expect(header('content-type')).toBe('text/html; charset=utf-8');
      expect(text).toContain(signerWith().signImage(url()).replace('&', '&amp;'));
    });

    test('keep a length that is right, where the app gave one and the body came whole', async () => {
      const { header, body } = await ask(
        framework,
        {},
        html(page, { 'Content-Length': String(page.length) }),
      );
      expect(header('content-length')).toBe(String(body.length));
      expect(header('transfer-encoding')).toBeUndefined();
    });

    test('lose a length that the app gave for a body that comes in parts', async () => {
      const { header, text, isComplete } = await ask(framework, {}, (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': page.length });
        response.write(page.slice(0, 60));
        response.end(page.slice(60));
      });
      expect(header('content-length')).toBeUndefined();
      expect(isComplete).toBe(true);
      expect(withoutTokens(text)).toBe(page);
      expect(countTokens(text)).toBe(2);
    });

    test.each<[title: string, handler: Handler]>([
      [
        'writeHead with an object',
        (_, response) => response.writeHead(200, { 'content-type': 'text/html', 'X-A': 'b' }).end(page),
      ],
      [
        'writeHead with a reason',
        (_, response) =>
          response.writeHead(200, 'Fine', { 'content-type': 'text/html', 'X-A': 'b' }).end(page),
      ],
      [
        'writeHead with a flat list',
        (_, response) => response.writeHead(200, ['content-type', 'text/html', 'X-A', 'b']).end(page),
      ],
      [
        'setHeaders',
        (_, response) =>
          response
            .setHeaders(
              new Map([
                ['content-type', 'text/html'],
                ['x-a', 'b'],
              ]),
            )
            .end(page),
      ],
      [
        'flushHeaders',
        (_, response) => {
          response.setHeader('content-type', 'text/html').setHeader('x-a', 'b');
          response.flushHeaders();
          response.end(page);
        },
      ],
      [
        'bytes',
        (_, response) =>
          response.setHeader('content-type', 'text/html').setHeader('x-a', 'b').end(Buffer.from(page)),
      ],
      [
        'an encoding',
        (_, response) =>
          response
            .setHeader('content-type', 'text/html')
            .setHeader('x-a', 'b')
            .end(Buffer.from(page).toString('hex'), 'hex'),
      ],
      [
        'byte by byte',
        (_, response) => {
          response.setHeader('content-type', 'TEXT/HTML').setHeader('x-a', 'b');
          for (const byte of Buffer.from(page)) response.write(Buffer.of(byte));
          response.end();
        },
      ],
    ])('are signed, however they are sent: %s', async (_title, handler) => {
      const { text, header } = await ask(framework, {}, handler);
      expect(withoutTokens(text)).toBe(page);
      expect(countTokens(text)).toBe(2);
      expect(header('x-a')).toBe('b');
    });

    test('to HEAD have the headers of GET, and no body', async () => {
      const get = await ask(framework, {}, html(page, { ETag: '"a"' }));
      const head = await ask(framework, {}, html(page, { ETag: '"a"' }), { method: 'HEAD' });
      expect(head.body.length).toBe(0);
      for (const name of ['etag', 'cache-control', 'content-type'])
        expect(head.header(name)).toBe(get.header(name));
      expect(head.header('content-length')).toBeUndefined();
    });

    test('of HTTP/1.0 end with the connection', async () => {
      const { text, header } = await ask(
        framework,
        {},
        (_, response) => {
          response.setHeader('Content-Type', 'text/html');
          response.write(page.slice(0, 99));
          response.end(page.slice(99));
        },
        { version: '1.0' },
      );
      expect(header('transfer-encoding')).toBeUndefined();
      expect(withoutTokens(text)).toBe(page);
    });

    test('stream: what was written is out before the rest is there', async () => {
      let finish = (): void => {};
      const listener = framework.build([imageSigner(base)], (_request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.write(`<p>first</p><img src="${url()}"><img src="`);
        finish = () => response.end(`${url('card')}">`);
      });
      await withSite(listener, async (port) => {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
        const { value: first } = await reader.read();
        expect(first!.startsWith('<p>first</p><img src="https://imagedelivery.net/')).toBe(true);
        expect(countTokens(first!)).toBe(1);
        expect(first!.endsWith('">')).toBe(true);
        finish();
        const { value: second } = await reader.read();
        expect(withoutTokens(second!)).toBe(`<img src="${url('card')}">`);
      });
    });
  });

  describe('what is left alone', () => {
    test.each<[title: string, handler: Handler, body?: string]>([
      ['text', (_, response) => response.setHeader('Content-Type', 'text/plain').end(page)],
      ['a style sheet', (_, response) => response.setHeader('Content-Type', 'text/css').end(page)],
      ['a feed', (_, response) => response.setHeader('Content-Type', 'application/rss+xml').end(page)],
      ['XHTML', (_, response) => response.setHeader('Content-Type', 'application/xhtml+xml').end(page)],
      [
        'JSON, unless asked for',
        (_, response) => response.setHeader('Content-Type', 'application/json').end(page),
      ],
      ['no type', (_, response) => response.end(page)],
    ])('%s: headers and body are as without us', async (_title, handler) => {
      const vanilla = await withSite(framework.build([], handler), (port) => send(port, '/'));
      const ours = await ask(framework, {}, handler);
      const withoutDate = ({ headers }: RawResponse) => headers.filter(([name]) => name !== 'date');
      expect(ours.text).toBe(vanilla.text);
      expect(withoutDate(ours)).toEqual(withoutDate(vanilla));
    });

    test.each<[title: string, headers: Record<string, string>, reason: string | undefined]>([
      ['no-transform', { 'Cache-Control': 'public, No-Transform' }, 'no-transform'],
      ['an encoded body', { 'Content-Encoding': 'compress' }, 'encoding'],
      ['UTF-16', { 'Content-Type': 'text/html; charset="UTF-16LE"' }, 'charset'],
      ['ISO-2022-JP', { 'Content-Type': 'text/html;charset=iso-2022-jp' }, 'charset'],
      ['a part', { 'Content-Range': 'bytes 0-9/10' }, 'partial-content'],
    ])('%s, which is reported', async (_title, headers, reason) => {
      const events: ImageSignerEvent[] = [];
      const { text, header } = await ask(
        framework,
        { report: (event: ImageSignerEvent) => note(events, event) },
        html(page, headers),
      );
      expect(text).toBe(page);
      expect(header('cache-control')).toBe(headers['Cache-Control']);
      expect(events).toEqual([{ type: 'passed', reason }]);
    });

    test('a response that skip names, asked once, with request and response', async () => {
      const asked: unknown[] = [];
      const skip = (request: IncomingMessage, response: object): boolean => {
        asked.push(request.url, 'writeHead' in response);
        return request.url === '/raw';
      };
      expect((await ask(framework, { skip }, html(), { path: '/raw' })).text).toBe(page);
      expect(asked).toEqual(['/raw', true]);
      expect(countTokens((await ask(framework, { skip }, html(), { path: '/page' })).text)).toBe(2);
    });

    test.each([204, 304])('a body where none belongs: %d', async (status) => {
      const {
        body,
        status: got,
        header,
      } = await ask(framework, {}, (_, response) => {
        response.statusCode = status;
        response.setHeader('Content-Type', 'text/html');
        response.end();
      });
      expect(got).toBe(status);
      expect(body.length).toBe(0);
      expect(header('transfer-encoding')).toBeUndefined();
    });

    test('UTF-16 that only a byte order mark names', async () => {
      const wide = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(page, 'utf16le')]);
      const events: ImageSignerEvent[] = [];
      const { body } = await ask(
        framework,
        { report: (event: ImageSignerEvent) => note(events, event) },
        (_, response) => {
          response.setHeader('Content-Type', 'text/html');
          for (const byte of wide) response.write(Buffer.of(byte));
          response.end();
        },
      );
      expect(body.equals(wide)).toBe(true);
      expect(events).toEqual([{ type: 'passed', reason: 'charset' }]);
    });
  });

  describe('JSON, where rewrite.json is on', () => {
    const data = {
      image: url(),
      list: [url('card'), { [url()]: 'key' }],
      text: `see ${url()}`,
      other: 'https://example.com/',
    };
    const json: Handler = (_, response) =>
      response.setHeader('Content-Type', 'application/problem+json').end(JSON.stringify(data));

    test('string values are signed, keys and text are not', async () => {
      const { text } = await ask(framework, { rewrite: { json: true } }, json);
      const signer = signerWith();
      expect(JSON.parse(text)).toEqual({
        ...data,
        image: signer.signImage(url()),
        list: [signer.signImage(url('card')), data.list[1]],
      });
    });

    test('in whatever chunks it comes', async () => {
      const { text } = await ask(framework, { rewrite: { json: true } }, (_, response) => {
        response.setHeader('Content-Type', 'application/json');
        for (const byte of Buffer.from(JSON.stringify(data, null, 2))) response.write(Buffer.of(byte));
        response.end();
      });
      expect(countTokens(text)).toBe(2);
      expect(withoutTokens(text)).toBe(JSON.stringify(data, null, 2));
    });
  });

  describe('Link', () => {
    const link = `<${url()}>; rel=preload; as=image; imagesrcset="${url()} 320w, ${url('card')} 640w", <https://example.com/a,b>; rel="next"`;

    test('of a page names the URLs of the page', async () => {
      const { header, text } = await ask(framework, {}, html(page, { Link: link }));
      const signed = signerWith().signImage(url());
      expect(header('link')).toContain(`<${signed}>; rel=preload`);
      expect(header('link')).toContain(`imagesrcset="${signed} 320w, `);
      expect(withoutTokens(header('link')!)).toBe(link);
      expect(text).toContain(signed.replace('&', '&amp;'));
    });

    test('in several fields stays in several', async () => {
      const { headers } = await ask(framework, {}, (_, response) => {
        response.setHeader('Link', [`<${url()}>; rel=preload`, `<${url('card')}>; rel=preload`]);
        response.setHeader('Content-Type', 'text/html').end(page);
      });
      const links = headers.filter(([name]) => name === 'link').map(([, value]) => value);
      expect(links.map(countTokens)).toEqual([1, 1]);
    });

    test('of other responses, and with headers: false, is left alone', async () => {
      const text = await ask(framework, {}, (_, response) =>
        response.setHeader('Link', link).setHeader('Content-Type', 'text/plain').end('x'),
      );
      expect(text.header('link')).toBe(link);
      expect(
        (await ask(framework, { rewrite: { headers: false } }, html(page, { Link: link }))).header('link'),
      ).toBe(link);
    });

    test('of early hints is signed', async () => {
      const listener = framework.build([imageSigner(base)], (_, response) => {
        response.writeEarlyHints({ link: [`<${url()}>; rel=preload; as=image`] });
        response.setHeader('Content-Type', 'text/html').end(page);
      });
      await withSite(listener, async (port) => {
        const { exchange } = await import('../support/raw.ts');
        const raw = (
          await exchange(port, 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
        ).toString();
        expect(raw.split('\r\n\r\n')[0]).toBe(
          `HTTP/1.1 103 Early Hints\r\nLink: <${signerWith().signImage(url())}>; rel=preload; as=image`,
        );
      });
    });
  });

  describe('helpers on the request', () => {
    test('sign, throw as the signer does, and what they gave out stays as it is', async () => {
      const given: unknown[] = [];
      const { text } = await ask(framework, {}, (request, response) => {
        const { signImage, signSrcset } = request as IncomingMessage & Express.Request;
        given.push(signImage(url(), 'card', { ttl: 60 }), signSrcset(url()));
        expect(() => signImage('https://example.com/')).toThrow(
          expect.objectContaining({ code: 'NOT_A_DELIVERY_URL' }),
        );
        response.setHeader('Content-Type', 'text/html');
        response.end(`<img src="${String(given[0]).replace('&', '&amp;')}" srcset="${given[1]}">`);
      });
      expect(text).toBe(`<img src="${String(given[0]).replace('&', '&amp;')}" srcset="${given[1]}">`);
    });

    test('are all that is left with rewrite: false', async () => {
      const { text, header } = await ask(
        framework,
        { rewrite: false },
        (request, response) => {
          const { signImage } = request as IncomingMessage & Express.Request;
          response.setHeader('Content-Type', 'text/html');
          response.end(`${page}${signImage(url())}`);
        },
        { headers: { accept: 'text/html', range: 'bytes=0-5' } },
      );
      expect(text).toBe(`${page}${signerWith().signImage(url())}`);
      expect(header('cache-control')).toBeUndefined();
    });

    test('one instant serves a whole response', async () => {
      const clock = clockAt();
      const { text } = await ask(framework, { ttl: 60, stableFor: 0, now: clock }, (request, response) => {
        const { signImage } = request as IncomingMessage & Express.Request;
        response.setHeader('Content-Type', 'text/html');
        response.write(`<img src="${url()}">`);
        clock.advance(30);
        response.end(`<img src="${signImage(url())}">`);
      });
      expect(new Set(text.match(/exp=\d+/g)).size).toBe(1);
    });
  });

  describe('authorize', () => {
    const both = `<img src="${url()}"><img src="${url('thumb', otherId)}"><img src="${url()}"><img src="${url('preview', otherId)}">`;

    test('is asked once for each image and variant, with the image and the request', async () => {
      const asked: unknown[] = [];
      const authorize = (image: object, request: IncomingMessage): boolean => {
        asked.push({ ...image, to: request.url });
        return true;
      };
      await ask(framework, { authorize }, html(both), { path: '/some/page' });
      const { accountHash, base: delivery } = {
        accountHash: url().split('/')[3],
        base: 'https://imagedelivery.net',
      };
      expect(asked).toEqual([
        {
          url: url(),
          base: delivery,
          scheme: 'cloudflare-images',
          accountHash,
          id,
          variant: 'thumb',
          to: '/some/page',
        },
        {
          url: url('thumb', otherId),
          base: delivery,
          scheme: 'cloudflare-images',
          accountHash,
          id: otherId,
          variant: 'thumb',
          to: '/some/page',
        },
      ]);
    });

    const noes: readonly [title: string, answer: () => unknown, reason: string][] = [
      ['false', () => false, 'not-authorized'],
      ['a truthy value', () => 1, 'not-authorized'],
      ['nothing', () => undefined, 'not-authorized'],
      [
        'a throw',
        () => {
          throw new Error('database');
        },
        'authorize-threw',
      ],
      ['a promise of true', () => Promise.resolve(true), 'authorize-not-synchronous'],
      ['a rejection', () => Promise.reject(new Error('database')), 'authorize-not-synchronous'],
    ];

    test.each(noes)(
      '%s is a no: the URL goes out without a token, and it is reported',
      async (_title, answer, reason) => {
        const events: ImageSignerEvent[] = [];
        const stale = `<img src="${url()}?v=1&amp;exp=1&amp;sig=2">`;
        const { text, status } = await ask(
          framework,
          { authorize: answer, report: (event: ImageSignerEvent) => note(events, event) },
          html(both + stale),
        );
        expect(status).toBe(200);
        expect(text).toBe(both + `<img src="${url()}?v=1">`);
        const error = reason === 'authorize-threw' ? new Error('database') : undefined;
        expect(events).toEqual([
          { type: 'skipped', url: url(), reason, error },
          { type: 'skipped', url: url('thumb', otherId), reason, error },
        ]);
      },
    );

    test.each(noes)('%s: the denied variant stands in its place', async (_title, answer) => {
      const { text } = await ask(
        framework,
        { authorize: answer, deniedVariant: 'preview' },
        html(`<img src="${url()}?v=1&amp;exp=1&amp;sig=2#x">`),
      );
      expect(text).toBe(`<img src="${url('preview')}?v=1#x">`);
    });

    test('is not asked for what the app has decided itself', async () => {
      const { text } = await ask(framework, { authorize: () => false }, (request, response) => {
        const { signImage } = request as IncomingMessage & Express.Request;
        response.setHeader('Content-Type', 'text/html');
        response.end(`<img src="${signImage(url(), undefined, { authorize: false })}"><img src="${url()}">`);
      });
      expect(countTokens(text)).toBe(1);
    });

    test('a stored token, good as it is, does not get past it', async () => {
      const stored = signerWith().signImage(url());
      const { text } = await ask(framework, { authorize: () => false }, html(`<img src="${stored}">`));
      expect(text).toBe(`<img src="${url()}">`);
    });

    test('makes the page private, without a tag', async () => {
      const { header } = await ask(
        framework,
        { authorize: () => true },
        html(page, {
          ETag: '"a"',
          'Cache-Control': 'public, max-age=60, s-maxage=600',
          'CDN-Cache-Control': 'max-age=600',
          'Surrogate-Control': 'max-age=600',
          'X-Accel-Expires': '600',
        }),
      );
      expect(header('cache-control')).toBe('private, max-age=60');
      for (const name of ['etag', 'cdn-cache-control', 'surrogate-control', 'x-accel-expires'])
        expect(header(name)).toBeUndefined();
    });
  });

  describe('URLs that carry a token', () => {
    const signer = signerWith();

    test.each<[title: string, given: string, isKept: boolean]>([
      [
        'by the first key, for the ttl at least: it stays',
        signer.signImage(url(), undefined, { ttl: '2d' }),
        true,
      ],
      ['by the first key, for less than the ttl', signer.signImage(url(), undefined, { ttl: '1h' }), false],
      ['by an older key', signerWith({ key: 'older' }).signImage(url(), undefined, { ttl: '2d' }), false],
      ['that has expired', signer.signImage(url(), undefined, { expiresAt: 1 }), false],
      ['that is forged', `${url()}?exp=99999999999&sig=${'a'.repeat(64)}`, false],
    ])('%s', async (_title, given, isKept) => {
      const { text } = await ask(
        framework,
        { key: [base.key as string, 'older'] },
        html(`<img src="${given.replace('&', '&amp;')}">`),
      );
      const expected = isKept ? given : signer.signImage(url());
      expect(text).toBe(`<img src="${expected.replace('&', '&amp;')}">`);
    });
  });

  describe('caches', () => {
    const cached: Handler = html(page, {
      ETag: '"v1"',
      'Last-Modified': 'Mon, 21 Sep 2026 00:00:00 GMT',
      'Accept-Ranges': 'bytes',
      'Content-MD5': 'x',
      Digest: 'sha-256=x',
    });

    test('are told no-cache where the app says nothing, and what was true of the old body alone is gone', async () => {
      const { header } = await ask(framework, {}, cached);
      expect(header('cache-control')).toBe('no-cache');
      expect(header('etag')).toMatch(/^W\/"v1-is\.[0-9a-f]{24}"$/);
      for (const name of ['last-modified', 'accept-ranges', 'content-md5', 'digest'])
        expect(header(name)).toBeUndefined();
    });

    test('keep a page for half of the shortest ttl at most', async () => {
      const options = { ttl: '2h', variants: { thumb: {}, card: { ttl: '1h' } } };
      const { header } = await ask(
        framework,
        options,
        html(page, {
          'Cache-Control': 'public, max-age=31536000, s-maxage=3600, immutable, stale-while-revalidate=60',
          Expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
          'CDN-Cache-Control': 'max-age=9999',
        }),
      );
      expect(header('cache-control')).toBe('public, max-age=1800, s-maxage=1800');
      expect(header('expires')).toBe(new Date(base.now!() + 1_800_000).toUTCString());
      expect(header('cdn-cache-control')).toBe('max-age=1800');
    });

    test('a ttl that a helper named counts as well', async () => {
      const { header } = await ask(framework, {}, (request, response) => {
        (request as IncomingMessage & Express.Request).signImage(url(), undefined, { ttl: 100 });
        html(page, { 'Cache-Control': 'max-age=9999', ETag: '"a"' })(request, response);
      });
      expect(header('cache-control')).toBe('max-age=50');
      expect(header('etag')).toBeUndefined(); // no step vouches for a life of its own
    });

    test('one that is named after the headers went out is reported', async () => {
      const events: ImageSignerEvent[] = [];
      await ask(
        framework,
        { report: (event: ImageSignerEvent) => note(events, event) },
        (request, response) => {
          response.setHeader('Content-Type', 'text/html');
          response.write('<p>');
          response.end(
            (request as IncomingMessage & Express.Request).signImage(url(), undefined, {
              expiresAt: base.now!() / 1000 + 60,
            }),
          );
        },
      );
      expect(events).toEqual([{ type: 'passed', reason: 'late-ttl' }]);
    });

    test('a tag brings a 304 while the tokens are the same, and never after', async () => {
      const clock = clockAt();
      const conditional: Handler = (request, response) => {
        if (request.headers['if-none-match']?.split(', ').some((tag) => tag.replace(/^W\//, '') === '"v1"'))
          response.statusCode = 304;
        cached(request, response);
      };
      const listener = framework.build(
        [imageSigner({ ...base, now: clock } as ImageSignerOptions)],
        conditional,
      );
      await withSite(listener, async (port) => {
        const get = (tag: string, accept = '*/*') =>
          send(port, '/', { headers: { 'if-none-match': tag, accept } });
        const first = await send(port, '/');
        const tag = first.header('etag')!;
        for (const accept of ['*/*', 'text/html,*/*;q=0.8']) {
          const again = await get(tag, accept);
          expect(again.status).toBe(304);
          expect(again.header('etag')).toBe(tag);
          expect(again.header('cache-control')).toBe(first.header('cache-control'));
          expect((await get(`"other", ${tag}`, accept)).status).toBe(304);
        }
        expect((await get('"v1"', 'text/html')).status).toBe(200);
        expect((await get('*', 'text/html')).status).toBe(200);
        clock.advance(86_400);
        const later = await get(tag);
        expect(later.status).toBe(200);
        expect(later.header('etag')).not.toBe(tag);
        expect(later.text).not.toBe(first.text);
      });
    });

    test('so does a 304 whose headers all stand in writeHead', async () => {
      const conditional: Handler = (request, response) => {
        const isFresh = request.headers['if-none-match'] === '"v1"';
        const headers = { ETag: '"v1"', 'Cache-Control': 'max-age=86400', 'Last-Modified': 'then' };
        response.writeHead(
          isFresh ? 304 : 200,
          isFresh ? headers : { ...headers, 'Content-Type': 'text/html' },
        );
        response.end(isFresh ? undefined : page);
      };
      await withSite(framework.build([imageSigner(base)], conditional), async (port) => {
        const first = await send(port, '/');
        const tag = first.header('etag')!;
        const again = await send(port, '/', { headers: { 'if-none-match': tag } });
        expect(again.status).toBe(304);
        for (const response of [first, again]) {
          expect(response.header('etag')).toBe(tag);
          expect(response.header('cache-control')).toBe('max-age=43200');
          expect(response.header('last-modified')).toBeUndefined();
        }
      });
    });

    test.each<[title: string, options: object]>([
      ['the key', { key: 'another' }],
      ['the ttl', { ttl: '2d' }],
      ['the step', { stableFor: '1h' }],
      ['the allowlist', { variants: { thumb: {}, card: {} } }],
      ['the account', { accountHash: otherAccount }],
      ['the attributes', { attributes: { hero: 'url' } }],
      ['the parts', { rewrite: { json: true } }],
    ])('a tag from before a change of %s is worth nothing', async (_title, options) => {
      const tag = (await ask(framework, {}, cached)).header('etag')!;
      const seen: (string | undefined)[] = [];
      await ask(
        framework,
        options,
        (request, response) => {
          seen.push(request.headers['if-none-match']);
          cached(request, response);
        },
        { headers: { 'if-none-match': tag } },
      );
      expect(seen).toEqual([undefined]);
    });

    test("conditions of requests that change something are the app's own", async () => {
      const seen: unknown[] = [];
      await ask(
        framework,
        {},
        (request, response) => {
          seen.push(request.headers['if-match'], request.headers['if-none-match']);
          html()(request, response);
        },
        { method: 'PUT', headers: { 'if-match': '"a"', 'if-none-match': '*', accept: 'text/html' } },
      );
      expect(seen).toEqual(['"a"', '*']);
    });

    test('a log sees the request as it came, once the headers are out', async () => {
      const seen: unknown[] = [];
      const sent = {
        'if-none-match': '"a"',
        'if-modified-since': 'Mon, 21 Sep 2026 00:00:00 GMT',
        range: 'bytes=0-4',
        accept: 'text/html',
      };
      await ask(
        framework,
        {},
        (request, response) => {
          seen.push(request.headers['if-none-match'], request.headers.range);
          html()(request, response);
          seen.push(request.headers);
        },
        { headers: sent },
      );
      expect(seen.slice(0, 2)).toEqual([undefined, undefined]);
      expect(seen[2]).toMatchObject(sent);
    });
  });

  describe('mounted twice', () => {
    test('with the same options, the second mount adds nothing', async () => {
      const events: ImageSignerEvent[] = [];
      const report = (event: ImageSignerEvent): void => note(events, event);
      const { text } = await ask(framework, [{ report }, { report }], html());
      expect(withoutTokens(text)).toBe(page);
      expect(countTokens(text)).toBe(2);
      expect(events).toEqual([]);
    });

    test("with other options, the later mount's hold, and it is reported once", async () => {
      const events: ImageSignerEvent[] = [];
      const report = (event: ImageSignerEvent): void => note(events, event);
      const mounts = [
        imageSigner({ ...base, report } as never),
        imageSigner({ ...base, key: 'another', report, rewrite: { json: true } } as never),
      ];
      await withSite(framework.build(mounts, html()), async (port) => {
        for (let i = 0; i < 3; i++) {
          const { text } = await send(port, '/');
          expect(text).toContain(signerWith({ key: 'another' }).signImage(url()).replace('&', '&amp;'));
          expect(countTokens(text)).toBe(2);
        }
      });
      expect(events).toEqual([{ type: 'installed-twice' }]);
    });

    test('one signer serves several mounts; authorize beside it wins', async () => {
      const signer = signerWith();
      expect(countTokens((await ask(framework, { signer }, html())).text)).toBe(2);
      expect((await ask(framework, { signer, authorize: () => false }, html())).text).toBe(page);
    });
  });

  describe('what is reported of a page', () => {
    test('URLs that are left alone, with the reason and without a token', async () => {
      const events: ImageSignerEvent[] = [];
      const images = [
        url('original'),
        url('thumb', id, otherAccount),
        url('thumb', 'a%2Cb'),
        'https://example.com/a',
        `${url('original')}?a=1&exp=1&sig=2`,
      ];
      const body = images.map((each) => `<img src="${each}"><img data-again="${each}">`).join('');
      const { text } = await ask(
        framework,
        {
          accountHash: url().split('/')[3],
          report: (event: ImageSignerEvent) => note(events, event),
        },
        html(body),
      );
      expect(text).toBe(body);
      expect(events).toEqual([
        { type: 'skipped', url: url('original'), reason: 'variant-not-allowed' },
        { type: 'skipped', url: url('thumb', id, otherAccount), reason: 'account-not-allowed' },
        { type: 'skipped', url: url('thumb', 'a%2Cb'), reason: 'encoded-path', id: 'a,b' },
        { type: 'skipped', url: `${url('original')}?a=1`, reason: 'variant-not-allowed' },
      ]);
    });

    test('a throw in report, or a rejection, changes nothing', async () => {
      const throwing = await ask(
        framework,
        {
          report: () => {
            throw new Error('log is full');
          },
        },
        html(`${page}<img src="${url('original')}">`),
      );
      expect(countTokens(throwing.text)).toBe(2);
      const rejecting = await ask(
        framework,
        {
          report: async () => {
            throw new Error('log is full');
          },
        },
        html(`${page}<img src="${url('original')}">`),
      );
      expect(countTokens(rejecting.text)).toBe(2);
    });

    test('a tag that is too long passes as it came, and what follows is signed', async () => {
      const events: ImageSignerEvent[] = [];
      const long = `<img alt="${'a'.repeat(70_000)} > <img" src="${url()}">`;
      const { text } = await ask(
        framework,
        { report: (event: ImageSignerEvent) => note(events, event) },
        html(long + page),
      );
      expect(withoutTokens(text)).toBe(long + page);
      expect(text.startsWith(long)).toBe(true);
      expect(countTokens(text)).toBe(2);
      expect(events).toEqual([{ type: 'passed', reason: 'too-long' }]);
    });

    test('where a policy allows styles by hash, CSS stays as it is', async () => {
      const events: ImageSignerEvent[] = [];
      const { text } = await ask(
        framework,
        { report: (event: ImageSignerEvent) => note(events, event) },
        html(page, { 'Content-Security-Policy': "default-src 'self'; style-src 'sha256-abc='" }),
      );
      expect(countTokens(text)).toBe(1);
      expect(text).toContain(`url(${url('card')})`);
      expect(events).toEqual([{ type: 'passed', reason: 'style-hash' }]);
    });

    test('where a policy allows scripts by hash, import maps and speculation rules stay as they are', async () => {
      const events: ImageSignerEvent[] = [];
      const script = (type: string): string => `<script type="${type}">{"a":"${url()}"}</script>`;
      const checked = ['importmap', 'SpeculationRules', 'importmap; a=b'].map(script).join('');
      const data = checked + script('application/json') + page;
      const strict = html(data, { 'Content-Security-Policy': "script-src 'sha256-abc='" });
      const report = (event: ImageSignerEvent): void => note(events, event);
      const signs = imageSigner({ ...base, report } as ImageSignerOptions);
      const site = framework.build([signs], (request, response) =>
        (request.url === '/strict' ? strict : html(data))(request, response),
      );
      await withSite(site, async (port) => {
        // The same bytes are another page without the policy, also where they come again.
        for (let round = 0; round < 4; round++) {
          const { text } = await send(port, '/strict');
          expect([text.startsWith(checked), countTokens(text)]).toEqual([true, 3]);
          const { text: open } = await send(port, '/');
          expect([open.startsWith(checked), countTokens(open)]).toEqual([false, 6]);
        }
      });
      expect(events).toEqual([{ type: 'passed', reason: 'script-state' }]);
    });
  });
});
