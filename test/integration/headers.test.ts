/** Headers as apps really send them, and what goes wrong while they leave; over every server. */
import type { ServerResponse } from 'node:http';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  type ImageGuardOptions,
  type ImageSignerEvent,
  type ImageSignerOptions,
  imageGuard,
  imageSigner,
  type Middleware,
} from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type Framework, frameworks, type Handler, withSite } from '../support/frameworks.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';
import {
  accountHash,
  base,
  clockAt,
  countTokens,
  id,
  instant,
  signerWith,
  url,
  withoutTokens,
} from '../support/samples.ts';

const page = `<p>text</p><img src="${url()}">`;

function ask(
  framework: Framework,
  options: object,
  handler: Handler,
  request: RawRequest = {},
): Promise<RawResponse> {
  return withSite(
    framework.build([imageSigner({ ...base, ...options } as ImageSignerOptions)], handler),
    (port) => send(port, '/', request),
  );
}

/** Tries to send, and sends an error page where Node refuses. */
function withErrorPage(
  first: (response: ServerResponse) => void,
  errorPage: (response: ServerResponse) => void,
): Handler {
  return (_request, response) => {
    try {
      first(response);
    } catch {
      errorPage(response);
    }
  };
}

describe.each(frameworks)('$name', (framework) => {
  describe('a status in other words, which Node takes', () => {
    const year = { 'Content-Type': 'text/html', 'Cache-Control': 'public, max-age=31536000', ETag: '"a"' };

    test.each<[title: string, handler: Handler]>([
      [
        'text',
        (_, response) => {
          Object.assign(response, { statusCode: '200' });
          for (const [name, value] of Object.entries(year)) response.setHeader(name, value);
          response.end(page);
        },
      ],
      [
        'a fraction',
        (_, response) => {
          Object.assign(response, { statusCode: 200.7 });
          for (const [name, value] of Object.entries(year)) response.setHeader(name, value);
          response.end(page);
        },
      ],
      ['text in writeHead', (_, response) => response.writeHead('200' as never, year).end(page)],
    ])('%s: a personal page stays personal', async (_title, handler) => {
      const { header, text, status } = await ask(framework, { authorize: () => true }, handler);
      expect(status).toBe(200);
      expect(countTokens(text)).toBe(1);
      expect(header('cache-control')).toBe('private, max-age=31536000'.replace('31536000', '43200'));
      expect(header('etag')).toBeUndefined();
    });

    test('and the guard limits what it lets through', async () => {
      const signer = signerWith({ delivery: '/images', accountHash });
      const target = signer.signImage(`/images/${accountHash}/${id}/thumb`);
      const listener = framework.build(
        [['/images', imageGuard({ signer } as ImageGuardOptions)]],
        (_request, response) => {
          Object.assign(response, { statusCode: '200' });
          response.setHeader('Cache-Control', 'public, max-age=31536000');
          response.end();
        },
      );
      const { header } = await withSite(listener, (port) => send(port, target));
      expect(header('cache-control')).toMatch(/^private, max-age=\d{1,6}$/);
    });
  });

  describe('where Node refuses what is sent', () => {
    const errorPage = (response: ServerResponse): void => {
      response.statusCode = 500;
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Cache-Control', 'public, max-age=99999999');
      response.end(page);
    };

    test.each<[title: string, first: (response: ServerResponse) => void]>([
      [
        'a header of a page',
        (response) => response.writeHead(200, { 'Content-Type': 'text/html', 'X-Bad': 'a\nb' }),
      ],
      [
        'a header of something else',
        (response) => response.writeHead(200, { 'Content-Type': 'application/json', 'X-Bad': 'a\nb' }),
      ],
      [
        'a status, with a tag that stays open',
        (response) => {
          response.statusCode = 1000;
          response.setHeader('Content-Type', 'text/html');
          response.end('<p title="unfinished');
        },
      ],
      [
        'a status in text',
        (response) => {
          Object.assign(response, { statusCode: 'ECONNREFUSED' });
          response.setHeader('Content-Type', 'text/html');
          response.end('<b unfinished');
        },
      ],
      ['a header name', (response) => response.writeHead(200, { 'Content-Type': 'text/html', 'X Bad': 'a' })],
    ])('%s: the error page is decided anew, and nothing of the first one is in it', async (_title, first) => {
      const { status, text, header } = await ask(framework, {}, withErrorPage(first, errorPage));
      expect(status).toBe(500);
      expect(withoutTokens(text)).toBe(page);
      expect(countTokens(text)).toBe(1);
      expect(header('cache-control')).toBe('public, max-age=43200');
      expect(header('x-bad')).toBeUndefined();
    });

    test('an error in JSON has what Node has kept of the page, and nothing of ours', async () => {
      const { text, header } = await ask(
        framework,
        {},
        withErrorPage(
          (response) =>
            response.writeHead(200, { 'Content-Type': 'text/html', ETag: '"page"', 'X-Bad': 'a\nb' }),
          (response) => {
            response.statusCode = 500;
            response.setHeader('Content-Type', 'application/json');
            response.end(JSON.stringify({ image: url() }));
          },
        ),
      );
      expect(JSON.parse(text)).toEqual({ image: url() });
      // Express has set a header before: then Node sets those that come before the bad one.
      expect(header('etag')).toBe(framework.isExpress ? '"page"' : undefined);
      expect(header('cache-control')).toBeUndefined();
    });
  });

  describe('a page whose type writeHead gets is signed', () => {
    const headers = { 'Content-Type': 'text/html' };

    test.each<[title: string, args: readonly unknown[]]>([
      ['alone', [200, headers]],
      ['in a list', [200, ['Content-Type', 'text/html']]],
      ['behind a reason', [200, 'Fine', headers]],
      ['behind an empty reason', [200, '', headers]],
      ['behind an undefined reason', [201, undefined, headers]],
      ['in a list behind an undefined reason', [201, undefined, ['Content-Type', 'text/html']]],
      ['behind null', [201, null, headers]],
      ['behind headers that Node ignores', [200, { 'Content-Type': 'text/plain' }, headers]],
      ['before undefined', [200, headers, undefined]],
      ['behind a status that is text', ['200', undefined, headers]],
    ])('%s', async (_, args) => {
      const { text, header } = await ask(framework, {}, (_request, response) => {
        response.writeHead(...(args as [number]));
        response.end(page);
      });
      expect([countTokens(text), header('content-type')]).toEqual([1, 'text/html']);
    });
  });

  test('what is written after the end does not bring held bytes out twice', async () => {
    const { text } = await ask(framework, {}, (_request, response) => {
      response.on('error', () => {});
      response.setHeader('Content-Type', 'text/html');
      response.end(`${page}<b unfinished`);
      response.write('late');
    });
    expect(withoutTokens(text)).toBe(`${page}<b unfinished`);
  });

  test('lists that the app gives to writeHead stay its own, and are read as Node reads them', async () => {
    const shared = ['a=1'];
    const ask = (middleware: readonly Middleware[], cookies: () => string[]): Promise<unknown[]> => {
      const write: Handler = (_request, response) => {
        response.writeHead(200, [
          'Content-Type',
          'text/html',
          'Set-Cookie',
          cookies(),
          'Set-Cookie',
          'user=2',
        ] as never);
        response.end(page);
      };
      return withSite(framework.build(middleware, write), async (port) => {
        await send(port, '/');
        const { headers } = await send(port, '/');
        return headers.filter(([name]) => name === 'set-cookie');
      });
    };
    // From version 22 on Node itself appends to a list that it was given, so without the middleware each is new.
    expect(await ask([imageSigner(base as ImageSignerOptions)], () => shared)).toEqual(
      await ask([], () => ['a=1']),
    );
    expect(shared).toEqual(['a=1']);
  });

  test('skip sees the response as it leaves', async () => {
    const seen: unknown[] = [];
    const skip = (_request: unknown, response: ServerResponse): boolean => {
      seen.push(response.statusCode, response.getHeader('x-skip'), response.getHeader('content-type'));
      return response.getHeader('x-skip') === '1';
    };
    const { text, header, status } = await ask(framework, { skip }, (_request, response) => {
      response.writeHead(404, 'Nothing Here', {
        'Content-Type': 'text/html',
        'X-Skip': '1',
        'Content-Length': page.length,
      });
      response.end(page);
    });
    expect(seen).toEqual([404, '1', 'text/html']);
    expect(status).toBe(404);
    expect(text).toBe(page);
    expect(header('content-length')).toBe(String(page.length));
  });

  test.each<[title: string, skip: () => unknown, reason: string]>([
    [
      'a throw',
      () => {
        throw new Error('no');
      },
      'skip-threw',
    ],
    ['a promise', () => Promise.resolve(true), 'skip-not-synchronous'],
    ['a rejection', () => Promise.reject(new Error('no')), 'skip-not-synchronous'],
    ['a text', () => 'yes', 'skip-not-boolean'],
    ['a match', () => 'a'.match('a'), 'skip-not-boolean'],
  ])('%s in skip skips nothing, and is reported', async (_title, skip, reason) => {
    const events: ImageSignerEvent[] = [];
    const { text } = await ask(
      framework,
      { skip, report: (event: ImageSignerEvent) => note(events, event) },
      (_request, response) => {
        response.setHeader('Content-Type', 'text/html');
        response.end(page);
      },
    );
    expect(countTokens(text)).toBe(1);
    const error = reason === 'skip-threw' ? new Error('no') : undefined;
    expect(events).toEqual([{ type: 'passed', reason, error }]);
  });

  test('bytes of another realm, and an empty encoding, keep their place', async () => {
    const half = page.length - 20;
    const foreign = runInNewContext('Uint8Array.from(bytes)', {
      bytes: [...Buffer.from(page.slice(half - 5, half))],
    }) as Uint8Array;
    const { text } = await ask(framework, {}, (_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.write(page.slice(0, half - 5));
      response.write(foreign);
      response.write(page.slice(half, half + 5), '' as never);
      response.end(page.slice(half + 5));
    });
    expect(withoutTokens(text)).toBe(page);
    expect(countTokens(text)).toBe(1);
  });

  test('an older tag beside a date brings no 304', async () => {
    const clock = clockAt();
    const conditional: Handler = (request, response) => {
      const { 'if-none-match': tag, 'if-modified-since': date } = request.headers;
      response.setHeader('ETag', '"v1"');
      const isFresh = tag === undefined ? date !== undefined : tag.includes('"v1"');
      if (isFresh) response.statusCode = 304;
      else response.setHeader('Content-Type', 'text/html');
      response.end(isFresh ? undefined : page);
    };
    await withSite(
      framework.build([imageSigner({ ...base, now: clock } as ImageSignerOptions)], conditional),
      async (port) => {
        const tag = (await send(port, '/')).header('etag')!;
        const get = () =>
          send(port, '/', {
            headers: { 'if-none-match': tag, 'if-modified-since': new Date(instant).toUTCString() },
          });
        expect((await get()).status).toBe(304);
        clock.advance(86_400);
        expect((await get()).status).toBe(200);
      },
    );
  });

  test('an app that takes a condition away to send the whole sends the whole', async () => {
    const tag = (
      await ask(framework, {}, (_request, response) =>
        response.setHeader('ETag', '"a"').setHeader('Content-Type', 'text/html').end(page),
      )
    ).header('etag')!;
    const seen: unknown[] = [];
    await ask(
      framework,
      {},
      (request, response) => {
        delete request.headers['if-none-match'];
        response.setHeader('Content-Type', 'text/html');
        seen.push(request.headers['if-none-match']);
        response.end(page);
      },
      { headers: { 'if-none-match': tag } },
    );
    expect(seen).toEqual([undefined]);
  });

  test('a type that is set for all, and another one after it: the conditions are those of the last', async () => {
    const seen: unknown[] = [];
    await ask(
      framework,
      {},
      (request, response) => {
        response.setHeader('Content-Type', 'text/html');
        seen.push(request.headers['if-none-match']);
        response.setHeader('Content-Type', 'image/png');
        seen.push(request.headers['if-none-match']);
        response.end();
      },
      { headers: { 'if-none-match': '"png"' } },
    );
    expect(seen).toEqual([undefined, '"png"']);
  });

  test('what one mount has given out counts for the next one', async () => {
    let hero = '';
    const mounts = [
      imageSigner(base as ImageSignerOptions),
      ((request: Express.Request & { url?: string }, _response: unknown, next: () => void) => {
        hero = request.signImage(url('card'), undefined, { ttl: 60 });
        next();
      }) as never,
      imageSigner({ ...base, ttl: '2d' } as ImageSignerOptions),
    ];
    const listener = framework.build(mounts, (_request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.setHeader('Cache-Control', 'max-age=99999');
      response.end(`<img src="${hero.replace('&', '&amp;')}">`);
    });
    const { text, header } = await withSite(listener, (port) => send(port, '/'));
    expect(text).toBe(`<img src="${hero.replace('&', '&amp;')}">`);
    expect(header('cache-control')).toBe('max-age=30');
  });

  test.each([{ link: 123 }, { link: null }, null, undefined, {}])(
    "early hints that are none are Node's to judge: %j",
    async (hints) => {
      const outcomes: unknown[] = [];
      const handler: Handler = (_request, response) => {
        try {
          outcomes.push(response.writeEarlyHints(hints as never));
        } catch (error) {
          outcomes.push((error as { code?: string; message: string }).code ?? (error as Error).message);
        }
        response.end();
      };
      await withSite(framework.build([], handler), (port) => send(port, '/'));
      await ask(framework, {}, handler);
      expect(outcomes[1]).toEqual(outcomes[0]);
    },
  );

  describe('the guard', () => {
    test('sends nothing along with a refusal that a CDN would rather listen to', async () => {
      const listener = framework.build(
        [
          ((_request: unknown, response: ServerResponse, next: () => void) => {
            for (const name of [
              'CDN-Cache-Control',
              'Surrogate-Control',
              'X-Accel-Expires',
              'Expires',
              'ETag',
              'Vercel-CDN-Cache-Control',
            ])
              response.setHeader(name, '3600');
            next();
          }) as never,
          ['/images', imageGuard({ ...base, delivery: '/images' } as ImageGuardOptions)],
        ],
        (_request, response) => response.end(),
      );
      const { headers, status } = await withSite(listener, (port) => send(port, `/images/h/${id}/thumb`));
      expect(status).toBe(403);
      expect(headers.filter(([, value]) => value === '3600')).toEqual([]);
    });

    test('lets through what signImage gave out, under whichever of its bases', async () => {
      const bases = [
        { base: 'https://a.example/images', accountHash: 'A' },
        { base: 'https://b.example/images', accountHash: 'B' },
        'https://c.example',
        'https://d.example/images',
      ];
      const signer = signerWith({ delivery: bases });
      const given = [
        'https://a.example/images/photo/thumb',
        'https://b.example/images/photo/thumb',
        'https://c.example/images/h/photo/thumb',
        'https://d.example/images/h/photo/thumb',
      ];
      await withSite(
        framework.build([['/images', imageGuard({ signer } as ImageGuardOptions)]], (_request, response) =>
          response.end('through'),
        ),
        async (port) => {
          for (const image of given) {
            const { pathname, search } = new URL(signer.signImage(image));
            expect((await send(port, pathname + search)).text, image).toBe('through');
            expect((await send(port, pathname)).status).toBe(403);
          }
        },
      );
    });
  });
});
