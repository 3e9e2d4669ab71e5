/** Responses of Express that are no pages: nothing is made for them, and each of them may still turn out to be a page. */
import { type RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import express4 from 'express4';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { withSite } from '../support/frameworks.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { KeepAliveConnection } from '../support/keep-alive.ts';
import { parseAll, requestsFor } from '../support/pipelined.ts';
import { exchange } from '../support/raw.ts';
import { base, countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';

afterEach(() => void vi.unstubAllEnvs());

const page = `<!DOCTYPE html><img src="${url()}">`;
const html = 'text/html; charset=utf-8';
const signer = imageSigner({ ...base, report: false });

describe.each([
  ['Express 4', express4],
  ['Express 5', express],
] as const)('%s', (_name, create) => {
  // Without a header of Express' own.
  const ask = (handler: express.RequestHandler) =>
    exchangeLater(create().disable('x-powered-by').use(signer).use(handler) as RequestListener, '/');

  describe('a short page without an image', () => {
    const events: unknown[] = [];
    const report = ({ type, reason }: { type: string; reason?: string }) => void events.push(reason ?? type);

    /** In development each page is read. */
    const answer = (handler: express.RequestHandler) => {
      vi.stubEnv('NODE_ENV', 'production');
      events.length = 0;
      const app = create()
        .use(imageSigner({ ...base, report } as never))
        .use(handler);
      return exchangeLater(app as RequestListener, '/', { accept: 'text/html' });
    };

    test.each<[name: string, before: (response: ServerResponse) => unknown]>([
      ['at once', () => {}],
      ['by a head of its own', (response) => response.addTrailers({})],
    ])(
      'that was settled %s: a URL that comes after it is held against its headers',
      async (_name, before) => {
        const { header } = await answer((request, response) => {
          before(response);
          response.redirect('/elsewhere');
          request.signImage(url(), undefined, { ttl: 60 });
        });
        expect([header('cache-control'), events]).toEqual(['no-cache', ['rewritten', 'late-ttl']]);
      },
    );

    test('for which a URL was signed that ends earlier has no tag', async () => {
      const { header } = await answer((request, response) => {
        response.type('html');
        request.signImage(url(), undefined, { ttl: 60 });
        response.set('Cache-Control', 'max-age=9999').send('<p>hey');
      });
      expect([header('etag'), header('cache-control')]).toEqual([undefined, 'max-age=30']);
    });

    test.each([
      ['is bound', undefined, /^W\/"a-is\.[0-9a-f]{24}"$/],
      ['is taken off if it depends on the viewer', () => true, /^$/],
    ])('whose tag is set where the app is told of it: it %s', async (_kind, authorize, tag) => {
      let current: ServerResponse | undefined;
      const report = (): unknown => current?.setHeader('ETag', '"a"');
      vi.stubEnv('NODE_ENV', 'production');
      const app = create()
        .disable('etag')
        .use(imageSigner({ ...base, report, ...(authorize && { authorize }) } as never));
      app.use((_request, response) => {
        current = response;
        response.send('<p>hey');
      });
      const { header } = await exchangeLater(app as RequestListener, '/');
      expect(header('etag') ?? '').toMatch(tag);
    });

    test('that Node.js refuses limits nothing of what is sent in its place', async () => {
      const { header } = await answer((request, response) => {
        const refuse = vi.spyOn(ServerResponse.prototype, 'writeHead').mockImplementationOnce(() => {
          throw new Error('refused');
        });
        expect(() => response.redirect('/elsewhere')).toThrow('refused');
        refuse.mockRestore();
        request.signImage(url(), undefined, { ttl: 60 });
        response.status(200).removeHeader('cache-control');
        response.send(page);
      });
      expect([header('cache-control'), events]).toEqual(['no-cache', ['rewritten', 'rewritten']]);
    });
  });

  test.each<[string, (response: ServerResponse) => unknown]>([
    [
      'a type that is set behind another one',
      (each) => each.setHeader('content-type', 'text/plain').setHeader('content-type', html),
    ],
    ['a type that is appended', (each) => each.appendHeader('content-type', html)],
    [
      'a type that has no hook, when Node.js has refused another one',
      (each) => {
        ServerResponse.prototype.setHeader.call(each, 'Content-Type', html);
        expect(() => each.setHeader('Content-Type', 'text/plain\n')).toThrow('Invalid character');
        each.writeHead(200);
      },
    ],
    [
      'a type that only `writeHead` gets, when another one has been removed',
      (each) => {
        each.setHeader('Content-Type', 'text/plain');
        each.removeHeader('Content-Type');
        each.writeHead(200, { 'Content-Type': html });
      },
    ],
    ['a list of headers', (each) => each.writeHead(200, ['Content-Type', html])],
    [
      'an object that inherits from the response, and from its headers',
      (each) => {
        each.setHeader('X-A', '1');
        (Object.create(each) as ServerResponse).setHeader('Content-Type', html);
      },
    ],
    ['a proxy of the response', (each) => new Proxy(each, {}).setHeader('Content-Type', html)],
  ])('%s makes a page, which is signed', async (_kind, setType) => {
    const { text, header } = await ask((_request, response) => {
      setType(response);
      response.end(page);
    });
    expect([countTokens(text), header('content-type'), header('cache-control')]).toEqual([
      1,
      html,
      'no-cache',
    ]);
  });

  test('an app whose responses have an `end` of their own gets its pages signed', async () => {
    const ended: unknown[] = [];
    const app = create().use(signer);
    const { end } = app.response;
    app.response.end = function endNoted(this: express.Response, ...args: unknown[]) {
      ended.push([countTokens(String(args[0])), this.getHeader('cache-control')]);
      return Reflect.apply(end, this, args);
    } as typeof end;
    app.use((_request, response) => void response.type('html').send(page));
    const { text } = await exchangeLater(app as RequestListener, '/');
    expect([countTokens(text), ended]).toEqual([1, [[1, 'no-cache']]]);
  });

  describe.each([
    ['a page', page],
    ['a short page without an image', '<p>hey'],
    ['a long page without an image', '<p>hey'.padEnd(2000, '.')],
  ])('%s', (_which, body) => {
    test.each<[kind: string, getHeaders: (this: ServerResponse) => object]>([
      ['leaves some out', () => ({ 'content-type': html })],
      [
        'gives what nobody may write to',
        function frozen() {
          return Object.freeze(ServerResponse.prototype.getHeaders.call(this));
        },
      ],
    ])('is limited where the app has a `getHeaders` that %s', async (_kind, getHeaders) => {
      const { text, header } = await ask((_request, response) => {
        Object.assign(response, { getHeaders });
        response.set('CDN-Cache-Control', 'max-age=31536000').set('Cache-Control', 'no-store').send(body);
      });
      expect(withoutTokens(text)).toBe(body);
      expect(header('etag')).toMatch(/-is\.[0-9a-f]{24}"$/);
      expect([header('cache-control'), header('cdn-cache-control')]).toEqual(['no-store', 'max-age=43200']);
    });

    test('is limited where the app gets a `writeHead` of its own while the page is made', async () => {
      const { header } = await ask((_request, response) => {
        const app = response.app as express.Express;
        const { writeHead } = app.response;
        app.response.writeHead = function cached(this: express.Response, ...args: unknown[]) {
          this.setHeader('Cache-Control', 'public, max-age=31536000');
          return Reflect.apply(writeHead, this, args);
        } as typeof writeHead;
        response.send(body);
      });
      expect(header('cache-control')).toBe('public, max-age=43200');
    });
  });

  test('what a package sets in a patched `end` of Node.js keeps within the lifetime of the URLs', async () => {
    await withPatched('end', (below, response) => {
      if (!response.headersSent) response.setHeader('Cache-Control', 'public, max-age=31536000');
      return below();
    })(async () => {
      const { text, header } = await ask((_request, response) => void response.send(page));
      expect([countTokens(text), header('cache-control')]).toEqual([1, 'public, max-age=43200']);
    });
  });

  test('an error page is signed where a patched `writeHead` has refused the page before it', async () => {
    let calls = 0;
    await withPatched('writeHead', (below) => {
      if (calls++ === 0) throw new Error('refused');
      return below();
    })(async () => {
      const { status, text } = await ask((_request, response) => {
        expect(() => response.send(page)).toThrow('refused');
        response.status(500).send(`<p>Error ${page}`);
      });
      expect([status, countTokens(text), calls]).toEqual([500, 1, 2]);
      expect(text).toContain('Error');
    });
  });

  test('helpers sign when the response is over, and when another one has the connection', async () => {
    const later: (() => unknown)[] = [];
    const app = create().use(signer);
    app.use((request, response) => {
      const { signImage } = response.locals as { signImage(image: string): string };
      response.on('finish', () =>
        later.push(
          () => request.signImage?.(url()),
          () => signImage(url()),
        ),
      );
      response.json({});
    });
    await withSite(app as RequestListener, async (port) => {
      const connection = await KeepAliveConnection.open(port);
      for (let visit = 0; visit < 2; visit++)
        await connection.send({ text: 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n' });
      connection.close();
    });
    const signed = signerWith().signImage(url());
    expect(later.map((each) => each())).toEqual([signed, signed, signed, signed]);
  });

  test('a response that another one waits for keeps what is its own', async () => {
    const open: (() => void)[] = [];
    const helpers: unknown[] = [];
    const app = create().use(signer);
    app.use((request, response) => {
      helpers.push(request.signImage);
      open.push(() =>
        request.path === '/page' ? response.type('html').send(page) : response.json({ page }),
      );
      // The last one is answered first.
      if (open.length === 3) for (const each of open.reverse()) each();
    });
    const targets = [
      ['GET', '/page'],
      ['GET', '/data'],
      ['GET', '/page'],
    ] as const;
    const raw = await withSite(app as RequestListener, (port) => exchange(port, requestsFor(targets)));
    const answers = parseAll(raw, ['GET', 'GET', 'GET']);
    expect(answers.map(({ text }) => countTokens(text))).toEqual([1, 0, 1]);
    expect(answers.map(({ header }) => header('cache-control'))).toEqual(['no-cache', undefined, 'no-cache']);
    expect(new Set(helpers).size).toBe(3);
  });

  test('another response to the same request is not taken for the first', async () => {
    let other = '';
    const { text } = await ask((request, response) => {
      const second = Object.setPrototypeOf(
        new ServerResponse(request),
        Object.getPrototypeOf(response),
      ) as ServerResponse;
      second.setHeader('Content-Type', html);
      second.end(page);
      other = String(second.getHeader('cache-control'));
      response.type('html').send(page);
    });
    expect([other, countTokens(text)]).toEqual(['undefined', 1]);
  });

  test('trailers of JSON are those of the app', async () => {
    const app = create().use(signer);
    app.use((_request, response) => {
      response.setHeader('Trailer', 'Digest');
      response.type('json').write('{}');
      response.addTrailers({ Digest: 'sha-256=x' });
      response.end();
    });
    const raw = await withSite(app as RequestListener, (port) => exchange(port, requestsFor([['GET', '/']])));
    expect(parseAll(raw, ['GET'])[0]?.trailers).toContain('Digest: sha-256=x');
  });

  test('a response that fails half-way leaves nothing for the next one on its connection', async () => {
    const failing: Readonly<Record<string, (response: express.Response) => void>> = {
      '/typed': (response) => void response.type('html'),
      '/helper': (response) => void response.req.signImage?.(url()),
      '/tag': (response) => void response.type('html').set('ETag', '"a"').set('Cache-Control', 'max-age=9'),
      '/refused': (response) => void response.type('html').writeHead(200, { 'x-y': 'a\nb' }),
      '/data': (response) => void response.type('json').status(201),
    };
    const app = create().use(signer);
    app.use((request, response) => {
      const fail = failing[request.path];
      if (fail === undefined) {
        if (request.path === '/page') response.send(page);
        else response.json({ page });
        return;
      }
      fail(response);
      throw new Error('half-way');
    });
    app.use(
      ((_error, _request, response, _next) =>
        void response.status(500).type('txt').send('failed')) satisfies express.ErrorRequestHandler,
    );
    await withSite(app as RequestListener, async (port) => {
      const get = async (connection: KeepAliveConnection, target: string): Promise<string> => {
        const answer = await connection.send({ text: `GET ${target} HTTP/1.1\r\nhost: localhost\r\n\r\n` });
        return answer!.raw.toString('latin1').replace(/^Date: .*\r\n/m, '');
      };
      const alone = new Map<string, string>();
      for (const target of ['/page', '/json']) {
        const connection = await KeepAliveConnection.open(port);
        alone.set(target, await get(connection, target));
        connection.close();
      }
      const connection = await KeepAliveConnection.open(port);
      for (const target of Object.keys(failing)) {
        for (const [next, expected] of alone) {
          expect(await get(connection, target)).toMatch(/^HTTP\/1\.1 500 .*failed$/s);
          expect(await get(connection, next)).toBe(expected);
        }
      }
      connection.close();
    });
  });
});

function _byName(a: string | symbol, b: string | symbol): number {
  return String(a) < String(b) ? -1 : 1;
}

/**
 * Runs with one of Node's own methods patched, as packages for monitoring do.
 * @param patch - gets the call of the method below
 */
function withPatched(
  name: 'end' | 'writeHead',
  patch: (below: () => unknown, response: ServerResponse) => unknown,
): (run: () => Promise<void>) => Promise<void> {
  return async (run) => {
    const own = Object.getOwnPropertyDescriptor(ServerResponse.prototype, name);
    const below = ServerResponse.prototype[name] as (...args: unknown[]) => unknown;
    Reflect.set(ServerResponse.prototype, name, function patched(this: ServerResponse, ...args: unknown[]) {
      return patch(() => below.apply(this, args), this);
    });
    try {
      await run();
    } finally {
      if (own === undefined) Reflect.deleteProperty(ServerResponse.prototype, name);
      else Object.defineProperty(ServerResponse.prototype, name, own);
    }
  };
}
