/** The guard over Express 4, Express 5, Connect and bare `node:http`, asked by raw sockets: clients tidy paths up. */
import type { RequestListener, ServerResponse } from 'node:http';
import onHeaders from 'on-headers';
import { describe, expect, test } from 'vitest';
import {
  type ImageGuardOptions,
  type ImageSignerEvent,
  imageGuard,
  type SignedImage,
} from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type Framework, frameworks, type Handler, withSite } from '../support/frameworks.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';
import { accountHash, base, clockAt, id, instant, otherAccount, signerWith } from '../support/samples.ts';

const options = { ...base, delivery: '/images', accountHash } as ImageGuardOptions;
const signer = signerWith({ delivery: '/images', accountHash });
const path = `/images/${accountHash}/${id}/thumb`;
const signed = signer.signImage(path);
const publicPath = `/images/${accountHash}/${id}/preview`;

/** Says what came through, and gives the canary away to whoever gets here. */
const canary: Handler = (request, response) => {
  response.setHeader('Content-Type', 'image/webp');
  response.end(`canary ${JSON.stringify((request as { signedImage?: SignedImage }).signedImage ?? null)}`);
};

function ask(
  framework: Framework,
  target: string,
  more: object = {},
  handler: Handler = canary,
  request: RawRequest = {},
): Promise<RawResponse> {
  const listener = framework.build(
    [['/images', imageGuard({ ...options, ...more } as ImageGuardOptions)]],
    handler,
  );
  return withSite(listener, (port) => send(port, target, request));
}

test('where one base is the beginning of another, `accountHash` keeps their images apart', async () => {
  const secret = `/images/${accountHash}/${id}/thumb`;
  const bases = { delivery: ['https://imagedelivery.net', '/images'], accountHash };
  const asked: string[] = [];
  const site = signerWith({
    ...bases,
    authorize: (image) => {
      asked.push(image.id);
      return image.id !== id;
    },
  });
  const page = site.rewriteHtml(`<img src="https://imagedelivery.net${secret}">`);
  expect(asked).toEqual([]);
  expect(page).not.toContain('sig=');
  // What somebody without that option has signed for an image of the account `images`.
  const other = signerWith({ ...bases, accountHash: undefined });
  const [, token] = other.signImage(`https://imagedelivery.net${secret}`).split('?');
  for (const framework of frameworks) {
    expect((await ask(framework, `${secret}?${token}`, bases)).status).toBe(403);
    const own = signerWith(bases).signImage(secret);
    expect((await ask(framework, own, bases)).status).toBe(200);
  }
});

describe.each(frameworks)('$name', (framework) => {
  test('lets through what has a valid token, and names it to the handler', async () => {
    const { status, text } = await ask(framework, signed);
    expect(status).toBe(200);
    expect(JSON.parse(text.slice('canary '.length))).toEqual({
      ok: true,
      image: { url: path, base: '/images', scheme: 'cloudflare-images', accountHash, id, variant: 'thumb' },
      path: `/${accountHash}/${id}/thumb`,
      expiresAt: Number(/exp=(\d+)/.exec(signed)![1]),
      keyIndex: 0,
    });
  });

  test('lets through what is always public, with or without a token, and with the headers of the app', async () => {
    for (const target of [publicPath, `${publicPath}?exp=1&sig=2`]) {
      const { status, text, header } = await ask(framework, target, {}, (request, response) => {
        response.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
        canary(request, response);
      });
      expect(status).toBe(200);
      expect(text).toContain('"alwaysPublic":true');
      expect(header('cache-control')).toBe('public, max-age=31536000, immutable');
    }
  });

  const withToken = (target: string): string => `${target}?${signed.split('?')[1]}`;
  const refusals: readonly [title: string, target: string, status: 403 | 404, reason: string][] = [
    ['no token', path, 403, 'missing-signature'],
    ['a token of another variant', withToken(`/images/${accountHash}/${id}/card`), 403, 'bad-signature'],
    ['a token of another image', withToken(`/images/${accountHash}/other/thumb`), 403, 'bad-signature'],
    ['a parameter that was added', `${signed.replace('?', '?w=1&')}`, 403, 'bad-signature'],
    ['a token that is no token', `${path}?exp=1&sig=1`, 403, 'malformed-signature'],
    ['an expired token', signer.signImage(path, undefined, { expiresAt: instant / 1000 }), 403, 'expired'],
    [
      'a variant that is not on the list',
      `/images/${accountHash}/${id}/original`,
      403,
      'variant-not-allowed',
    ],
    ['another account', `/images/${otherAccount}/${id}/thumb`, 403, 'account-not-allowed'],
    ['nothing below the base', '/images', 404, 'not-a-delivery-url'],
    ['too short a path', '/images/thumb', 404, 'not-a-delivery-url'],
    ['an id that begins with a space', `/images/${accountHash}/%20http:/preview`, 404, 'not-a-delivery-url'],
    ['an id that ends with one', `/images/${accountHash}/a/${id}%20/preview`, 404, 'not-a-delivery-url'],
  ];

  test.each(refusals)('refuses %s', async (_title, target, status, reason) => {
    const events: ImageSignerEvent[] = [];
    const response = await ask(framework, target, {
      report: (event: ImageSignerEvent) => note(events, event),
    });
    expect(response.status).toBe(status);
    expect(response.text).toBe(status === 403 ? 'Forbidden\n' : 'Not Found\n');
    expect(response.header('content-type')).toBe('text/plain; charset=utf-8');
    expect(response.header('cache-control')).toBe('no-store');
    expect(response.header('x-content-type-options')).toBe('nosniff');
    expect(events).toEqual([
      { type: 'refused', url: signer.unsignImage(target).replace(/\?exp=.*/, ''), reason },
    ]);
  });

  test('refusals of a kind are equal to the last byte', async () => {
    const answers = new Map<number, Set<string>>();
    for (const [, target, status] of refusals) {
      const { headers, text } = await ask(framework, target);
      const seen = answers.get(status) ?? new Set();
      answers.set(status, seen.add(JSON.stringify([headers.filter(([name]) => name !== 'date'), text])));
    }
    for (const [, seen] of answers) expect(seen.size).toBe(1);
  });

  test.each(['HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])(
    'refuses %s without a token as it does GET',
    async (method) => {
      const response = await ask(framework, path, {}, canary, {
        method,
        headers: { 'x-http-method-override': 'GET', 'if-none-match': '*', range: 'bytes=0-1' },
      });
      expect(response.status).toBe(403);
      expect(response.text).not.toContain('canary');
    },
  );

  test('refuses every alias of an image, with the token of its one spelling, and as a public one', async () => {
    const asPublic = [
      '/../thumb',
      '/./../thumb',
      '/%2e%2e/thumb',
      '%2f..%2fthumb',
      '%5c..%5cthumb',
      '\\..\\thumb',
      '%00',
      '%00/thumb',
      ';/../thumb',
      '/.',
      '/',
      '%20',
      '.',
    ];
    const aliases = [
      ...aliasesOf(path).map(withToken),
      ...asPublic.map((tail) => `${publicPath}${tail}`),
      ...[
        'p%72eview',
        'Preview',
        'thumb%2fpreview',
        'thumb%2Fpreview',
        'thumb\\preview',
        'thumb%5cpreview',
        'thumb%00preview',
        './preview',
        'thumb/../preview',
        'thumb//preview',
      ].map((tail) => `/images/${accountHash}/${id}/${tail}`),
    ];
    expect(aliases.length).toBeGreaterThan(150);
    // The guard stands before the file server, in its mount; what comes to neither is the site's own 404.
    const listener = framework.build([['/images', imageGuard(options), canary]], (_request, response) => {
      response.statusCode = 404;
      response.end();
    });
    await withSite(listener, async (port) => {
      for (const alias of aliases) {
        const { status, text } = await send(port, alias);
        expect([400, 403, 404], alias).toContain(status);
        expect(text, alias).not.toContain('canary');
      }
    });
  });

  test('its mount may be anywhere: the path that counts is the one that the client sent', async () => {
    const listener = framework.build(
      [
        ['/images', imageGuard(options)],
        ['/photos', imageGuard({ ...options, delivery: '/photos' } as ImageGuardOptions)],
      ],
      canary,
    );
    await withSite(listener, async (port) => {
      expect((await send(port, signed)).status).toBe(200);
      expect((await send(port, signed.replace('/images', '/photos'))).status).toBe(200); // the format signs no base
      expect(
        (await send(port, `/images/photos/${accountHash}/${id}/thumb?${signed.split('?')[1]}`)).status,
      ).toBe(403);
      expect(
        (await send(port, `/photos/images/${accountHash}/${id}/thumb?${signed.split('?')[1]}`)).status,
      ).toBe(403);
    });
  });

  test('the host plays no part, nor do headers that name one', async () => {
    const whole = { ...options, delivery: 'https://shop.example/images' } as ImageGuardOptions;
    const listener = framework.build([['/images', imageGuard(whole)]], canary);
    await withSite(listener, async (port) => {
      expect((await send(port, signed, { headers: { host: 'other.example' } })).status).toBe(200);
      expect(
        (
          await send(port, path, {
            headers: { host: 'shop.example', 'x-forwarded-prefix': '/images', 'x-original-url': signed },
          })
        ).status,
      ).toBe(403);
    });
  });

  describe('freshness', () => {
    const left = Number(/exp=(\d+)/.exec(signed)![1]) - instant / 1000;

    test.each<[title: string, more: object, given: Record<string, string>, expected: string]>([
      ['nothing said', {}, {}, `private, max-age=${left}`],
      ['a shared cache', { sharedCache: true }, {}, `public, max-age=${left}`],
      ['public, without a lifetime', {}, { 'Cache-Control': 'public' }, `private, max-age=${left}`],
      [
        'longer than the token',
        {},
        { 'Cache-Control': 'public, max-age=31536000' },
        `private, max-age=${left}`,
      ],
      [
        'longer, in a shared cache',
        { sharedCache: true },
        { 'Cache-Control': 'max-age=31536000, s-maxage=31536000' },
        `public, max-age=${left}, s-maxage=${left}`,
      ],
      ['shorter', {}, { 'Cache-Control': 'public, max-age=0' }, 'private, max-age=0'],
      ['no-cache', {}, { 'Cache-Control': 'no-cache' }, 'private, no-cache'],
      ['no-store', {}, { 'Cache-Control': 'no-store' }, 'no-store'],
      ['no-store, in a shared cache', { sharedCache: true }, { 'Cache-Control': 'no-store' }, 'no-store'],
    ])('%s', async (_title, more, given, expected) => {
      for (const status of [200, 206, 304]) {
        const { header, status: got } = await ask(framework, signed, more, (_request, response) => {
          response.writeHead(status, given);
          response.end();
        });
        expect(got).toBe(status);
        expect(header('cache-control')).toBe(expected);
      }
    });

    test('counts from the moment at which the headers go out', async () => {
      const clock = clockAt();
      const { header } = await ask(framework, signed, { now: clock }, (request, response) => {
        clock.advance(100);
        canary(request, response);
      });
      expect(header('cache-control')).toBe(`private, max-age=${left - 100}`);
    });

    test.each<[how: string, install: (response: ServerResponse, set: () => void) => void]>([
      ['as the headers go out', (response, set) => onHeaders(response, set)],
      [
        'as the response ends',
        (response, set) => {
          const { end } = response;
          response.end = ((...args: []) => {
            if (!response.headersSent) set();
            return end.apply(response, args as never);
          }) as never;
        },
      ],
    ])('a middleware above lengthens no life, though it sets its own %s', async (_how, install) => {
      const guard = imageGuard(options);
      const site =
        (handler: Handler): RequestListener =>
        (request, response) => {
          install(response, () => {
            response.setHeader('CDN-Cache-Control', 'max-age=31536000');
            response.setHeader('Cache-Control', 'public, max-age=31536000');
          });
          guard(request, response, () => handler(request, response));
        };
      const headers = { 'Content-Type': 'image/webp', 'Cache-Control': 'max-age=31536000' };
      const handlers: Handler[] = [
        canary,
        (_request, response) => response.writeHead(200, headers).end(),
        (_request, response) => response.writeHead(200, Object.entries(headers).flat()).end(),
      ];
      for (const handler of handlers) {
        for (const [target, expected] of [
          [signed, `private, max-age=${left}`],
          [path, 'no-store'],
        ] as const) {
          const { header } = await withSite(site(handler), (port) => send(port, target));
          expect(header('cache-control')).toBe(expected);
          expect(header('cdn-cache-control')).toBeUndefined();
        }
      }
    });

    test.each([404, 500, 302])('what is answered with %d behind it is not stored', async (status) => {
      const { header } = await ask(framework, signed, { sharedCache: true }, (_request, response) => {
        response.writeHead(status, {
          'Cache-Control': 'public, max-age=60',
          'CDN-Cache-Control': 'max-age=60',
          Expires: 'Thu, 01 Jan 2099 00:00:00 GMT',
        });
        response.end();
      });
      expect(header('cache-control')).toBe('no-store');
      expect(header('cdn-cache-control')).toBeUndefined();
      expect(header('expires')).toBeUndefined();
    });
  });

  test('mode report lets everything pass, and reports what it would have refused', async () => {
    for (const [, target, , reason] of refusals) {
      const events: ImageSignerEvent[] = [];
      const { status, text, header } = await ask(framework, target, {
        mode: 'report',
        report: (event: ImageSignerEvent) => note(events, event),
      });
      expect(status).toBe(200);
      expect(text).toBe('canary null');
      expect(header('cache-control')).toBeUndefined();
      expect(events).toEqual([expect.objectContaining({ type: 'refused', reason })]);
    }
  });

  test('a throw in report refuses all the same', async () => {
    const report = (): never => {
      throw new Error('log is full');
    };
    expect((await ask(framework, path, { report })).status).toBe(403);
  });
});

/** Other spellings that some server or file system takes for the path. */
function aliasesOf(image: string): string[] {
  const [, mount, account, name, variant] = image.split('/') as [string, string, string, string, string];
  const rest = `${account}/${name}/${variant}`;
  const spelled = [
    ...[...image].flatMap((character, index) => {
      if (index % 7 !== 3) return [];
      const hex = character.charCodeAt(0).toString(16);
      return [
        `${image.slice(0, index)}%${hex}${image.slice(index + 1)}`,
        `${image.slice(0, index)}%${hex.toUpperCase()}${image.slice(index + 1)}`,
      ];
    }),
    `//${mount}/${rest}`,
    `/./${mount}/${rest}`,
    `/x/../${mount}/${rest}`,
    `/x/%2e%2e/${mount}/${rest}`,
    `/x/..%2f${mount}/${rest}`,
    `/${mount}%2f${rest}`,
    `/${mount}%2F${rest}`,
    `/${mount}%5c${rest}`,
    `/${mount}\\${rest}`,
    `/${mount.toUpperCase()}/${rest}`,
    `/${mount.toUpperCase()}/${rest.toUpperCase()}`,
    `http://localhost${image}`,
    `http://localhost:80${image}`,
    `//localhost${image}`,
    `${image}#`,
  ];
  const inside = [
    '/',
    '/.',
    '/./',
    '%20',
    '.',
    '%00',
    '%00.webp',
    ';x',
    '/..',
    `/../${variant}`,
    '%2f',
    '%2F',
    '%5c',
    '\\',
    '%c0%af',
    '%ff',
    '%',
    '%2',
    '%zz',
    '^',
    '%5e',
    '%0a',
    '%0d%0a',
    '%C2%85',
    '%7F',
    '%2500',
    '%252f',
    '.webp',
    '::$DATA',
    '~1',
    '…',
  ];
  const separators = [
    '//',
    '/./',
    '/x/../',
    '%2f',
    '%2F',
    '%252f',
    '\\',
    '%5C',
    '/%2e/',
    '/%2E%2E/x/',
    '/.%2e/',
    '/%c0%ae/',
    ';/',
  ];
  return [
    ...spelled,
    ...inside.flatMap((suffix) => [
      `${image}${suffix}`,
      `/${mount}/${account}/${name}${suffix}/${variant}`,
      `/${mount}/${account}${suffix}/${name}/${variant}`,
    ]),
    ...separators.flatMap((separator) => [
      `/${mount}${separator}${rest}`,
      `/${mount}/${account}${separator}${name}/${variant}`,
      `/${mount}/${account}/${name}${separator}${variant}`,
    ]),
  ].filter((alias) => alias !== image);
}
