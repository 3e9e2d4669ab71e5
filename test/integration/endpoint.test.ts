/**
 * The signing endpoint in the frameworks of Node.js: what its requests and responses may be there. What every server
 * answers is in `conformance`, and what the endpoint decides in `endpoint`.
 */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type DeliveryImage, imageSigner, type Middleware, signingEndpoint } from '../../src/index.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { accountHash, base, id, otherAccount, url } from '../support/samples.ts';
import {
  ask,
  behind,
  byPath,
  byQuery,
  endpointOptions,
  listening,
  mountAt,
  signer,
} from '../support/servers/endpoint.ts';
import { frameworks, withSite } from '../support/servers/frameworks.ts';

const signed = signer.signImage(url());
const json = { headers: { accept: 'application/json' } };

function expectPlain({ header, isComplete }: RawResponse): void {
  expect(isComplete).toBe(true);
  expect(['cache-control', 'x-content-type-options', 'content-type', 'location'].map(header)).toEqual([
    'no-store',
    'nosniff',
    'text/plain; charset=utf-8',
    undefined,
  ]);
}

describe.each(frameworks)('$name', (framework) => {
  const served = <T>(run: (port: number) => Promise<T>, more: object = {}): Promise<T> =>
    withSite(framework.build([mountAt(framework, more)], behind), run);

  test('signs a root-relative URL, where there is such a base', () =>
    served(
      async (port) => {
        const own = `/images/${accountHash}/${id}/thumb`;
        for (const target of [byQuery(own), `/sign${own}`])
          expect((await send(port, target)).text).toMatch(/^\/images\/.*\?exp=\d+&sig=[0-9a-f]{64}$/);
      },
      { delivery: ['/images', 'https://imagedelivery.net'] },
    ));

  test('refuses what is not allowed alike to the last byte for whatever reason, which report hears', async () => {
    const { events, report } = listening();
    const authorize = ({ variant }: DeliveryImage): boolean => {
      if (variant === 'card') throw new Error('down');
      return false;
    };
    const seen = new Set<string>();
    await served(
      async (port) => {
        for (const [image, reason] of [
          [url(), 'not-authorized'],
          [url('card'), 'authorize-threw'],
          [url('hero'), 'variant-not-allowed'],
          [url('__proto__'), 'variant-not-allowed'],
          [url('thumb', id, otherAccount), 'account-not-allowed'],
        ] as const) {
          const target = byPath(`${image}?exp=1790000000&sig=${'a'.repeat(64)}`);
          const { headers, status, text } = await send(port, target);
          expect([status, text]).toEqual([403, 'This image is not signed for you.\n']);
          const error = reason === 'authorize-threw' ? new Error('down') : undefined;
          expect(events.splice(0)).toEqual([{ type: 'refused', url: image, reason, error }]);
          seen.add(JSON.stringify([headers.filter(([name]) => name !== 'date'), text]));
        }
      },
      { accountHash, authorize, report },
    );
    expect(seen.size).toBe(1);
  });

  test('other sites may read nothing unless origins says so, not even where the app lets them read the rest', async () => {
    const open: Middleware = (_request, response, next) => {
      response.setHeader('Access-Control-Allow-Origin', '*').setHeader('Vary', 'Accept-Encoding');
      next();
    };
    const request = { headers: { origin: 'https://shop.example' } };
    const fieldsFor = ({ headers }: RawResponse): unknown =>
      Object.fromEntries(headers.filter(([name]) => name.startsWith('access-control') || name === 'vary'));
    const closed = await ask(framework, byPath(url()), {}, request, [open]);
    expect(fieldsFor(closed)).toEqual({ vary: 'Accept-Encoding, Accept' });
    const { origin } = request.headers;
    const named = await ask(framework, byPath(url()), { origins: origin }, request, [open]);
    expect(named.header('access-control-allow-origin')).toBe(origin);
  });

  test('with the option path it takes what is at the path, and lets the rest go on', async () => {
    const endpoint = signingEndpoint(endpointOptions({ path: '/sign' }));
    await withSite(framework.build([endpoint], behind), async (port) => {
      for (const target of [byPath(url()), byQuery(url()), `http://localhost${byPath(url())}`])
        expect((await send(port, target)).text).toBe(signed);
      for (const target of ['/', '/signs', '/sign%2f', '/x/sign', '/?/sign', '//sign', '/Sign'])
        expect((await send(port, target)).text, target).toBe('behind');
    });
  });

  test('authorize that never answers holds up nobody else, and goes with its client', async () => {
    let asked: () => void = () => {};
    const isAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const authorize = ({ variant }: DeliveryImage): boolean | Promise<boolean> => {
      if (variant !== 'card') return true;
      asked();
      return new Promise(() => {});
    };
    await served(
      async (port) => {
        const socket = connect(port, '127.0.0.1', () =>
          socket.write(`GET ${byPath(url('card'))} HTTP/1.1\r\nhost: x\r\n\r\n`),
        );
        await isAsked;
        expect((await send(port, byPath(url()))).text).toBe(signed);
        const closed = new Promise((resolve) => socket.on('close', resolve));
        socket.destroy();
        await closed;
        expect((await send(port, byPath(url()))).text).toBe(signed);
      },
      { authorize },
    );
  });

  test.each<[title: string, more: object, answersBefore: boolean, text: string, told: unknown[]]>([
    ['an answer that the app has given meanwhile stands, and nobody is told', {}, true, 'too slow', []],
    [
      'a clock that throws later on is told to the app, and ends no process',
      { now: failingAfter(1) },
      false,
      'told',
      [expect.objectContaining({ message: 'no clock' })],
    ],
  ])('%s', async (_title, more, answersBefore, text, told) => {
    const heard: unknown[] = [];
    const endpoint = signingEndpoint(
      endpointOptions({ path: '/sign', authorize: async () => true, ...more }),
    );
    const app: Middleware = (request, response) => {
      endpoint(request, response, (error) => {
        heard.push(error);
        response.end('told');
      });
      if (answersBefore) response.end(text);
    };
    const response = await withSite(framework.build([app], behind), (port) => send(port, byPath(url())));
    expect([response.status, response.text]).toEqual([200, text]);
    expect(heard).toEqual(told);
  });

  test('what an app sets for all its answers makes none of these storable, and a middleware signs nothing in them', async () => {
    const names = ['Cache-Control', 'CDN-Cache-Control', 'Surrogate-Control', 'ETag'];
    const cached: Middleware = (_request, response, next) => {
      for (const name of names) response.setHeader(name, 'public, max-age=3600');
      next();
    };
    const sign = imageSigner({ ...base, rewrite: { json: true } } as never);
    const request = { headers: { ...json.headers, 'if-none-match': '*' } };
    const { header, text } = await ask(framework, byPath(url()), {}, request, [cached, sign]);
    expect(names.map(header)).toEqual(['no-store', undefined, undefined, undefined]);
    expect(JSON.parse(text).url).toBe(signed);
  });
});

test('a bare server that is nothing but the endpoint answers 404 for other paths, and 503 where its clock fails', async () => {
  const now = failingAfter(3);
  await withSite(signingEndpoint(endpointOptions({ path: '/sign', now })), async (port) => {
    expect((await send(port, byPath(url()))).text).toBe(signed);
    for (const [target, method] of [
      ['/', 'GET'],
      ['/other', 'GET'],
      ['*', 'OPTIONS'],
    ] as const) {
      const response = await send(port, target, { method });
      expect([response.status, response.text]).toEqual([404, 'Not Found\n']);
      expectPlain(response);
    }
    const response = await send(port, byPath(url()));
    expect([response.status, response.text]).toEqual([503, 'Not available.\n']);
    expectPlain(response);
  });
});

/** @param reads - that go well */
function failingAfter(reads: number): () => number {
  let left = reads;
  return () => {
    if (left-- <= 0) throw new Error('no clock');
    return base.now!();
  };
}
