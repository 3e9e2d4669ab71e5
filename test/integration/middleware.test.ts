/**
 * One behaviour over Express 4, Express 5, Connect and bare `node:http`: what the suite of all servers
 * (`conformance`) does not ask, since it sends in a framework's own way.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type RawRequest, type RawResponse, send } from '../support/http/raw.ts';
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
import { type Framework, frameworks, type Handler, withSite } from '../support/servers/frameworks.ts';

type Request = IncomingMessage & Express.Request;

const page = `<!DOCTYPE html><title>x</title><img src="${url()}"><p style="background:url(${url('card')})">${url()}</p>`;
const imageOf = (src: string): string => `<img src="${src.replace('&', '&amp;')}">`;
const ours = (options: object) =>
  imageSigner({ ...('signer' in options ? {} : base), ...options } as ImageSignerOptions);

const typed: (response: ServerResponse) => ServerResponse = (response) =>
  response.setHeaders(new Map([['content-type', 'TEXT/HTML']])) as ServerResponse;

function html(body: string = page, headers: Record<string, string> = {}): Handler {
  return (_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body);
  };
}

function ask(framework: Framework, options: object, handler: Handler, request: RawRequest = {}) {
  return withSite(framework.build([ours(options)], handler), (port) => send(port, '/page', request));
}

describe.each(frameworks)('$name', (framework) => {
  test.each<[title: string, handler: Handler]>([
    ['bytes', (_, response) => void typed(response).end(Buffer.from(page))],
    ['an encoding', (_, response) => void typed(response).end(Buffer.from(page).toString('hex'), 'hex')],
    [
      'byte by byte',
      (_, response) => {
        typed(response);
        for (const byte of Buffer.from(page)) response.write(Buffer.of(byte));
        response.end();
      },
    ],
    [
      'flushHeaders',
      (_, response) => {
        typed(response).flushHeaders();
        response.end(page);
      },
    ],
    [
      'parts, with the length of the app',
      (_, response) => {
        typed(response).writeHead(200, { 'Content-Length': page.length });
        response.write(page.slice(0, 60));
        response.end(page.slice(60));
      },
    ],
  ])('a page is signed, however it is sent: %s', async (_title, handler) => {
    const { text, isComplete } = await ask(framework, {}, handler);
    expect([isComplete, withoutTokens(text), countTokens(text)]).toEqual([true, page, 2]);
  });

  test('a page that comes whole keeps a length, which is right, where the app gave one', async () => {
    const given = html(page, { 'Content-Length': String(page.length) });
    const { header, body } = await ask(framework, {}, given);
    expect([header('content-length'), header('transfer-encoding')]).toEqual([`${body.length}`, undefined]);
  });

  test('one instant serves a whole response', async () => {
    const clock = clockAt();
    const { text } = await ask(framework, { ttl: 60, stableFor: 0, now: clock }, (request, response) => {
      response.setHeader('Content-Type', 'text/html');
      response.write(imageOf(url()));
      clock.advance(30);
      response.end(imageOf((request as Request).signImage(url())));
    });
    expect(new Set(text.match(/exp=\d+/g)).size).toBe(1);
  });

  test('authorize is asked once for each image and variant, with the image and the request', async () => {
    const asked: unknown[] = [];
    const authorize = (image: object, request: IncomingMessage): boolean =>
      asked.push({ ...image, to: request.url }) > 0;
    const images = [url(), url('thumb', otherId), url(), url('preview', otherId)];
    await ask(framework, { authorize }, html(images.map(imageOf).join('')));
    const expected = (image: string): object => ({
      url: url('thumb', image),
      base: 'https://imagedelivery.net',
      scheme: 'cloudflare-images',
      accountHash: url().split('/')[3],
      id: image,
      variant: 'thumb',
      to: '/page',
    });
    expect(asked).toEqual([expected(id), expected(otherId)]);
  });

  test('authorize makes the page private, without a tag', async () => {
    const forCdns = { 'CDN-Cache-Control': 'max-age=600', 'Surrogate-Control': 'max-age=600' };
    const shared = { ETag: '"a"', 'Cache-Control': 'public, max-age=60, s-maxage=600', ...forCdns };
    const { header } = await ask(framework, { authorize: () => true }, html(page, shared));
    expect(header('cache-control')).toBe('private, max-age=60');
    for (const name of ['etag', ...Object.keys(forCdns)]) expect(header(name)).toBeUndefined();
  });

  test('a 304 whose headers all stand in writeHead has the tag and the lifetime of its page', async () => {
    const conditional: Handler = (request, response) => {
      const isFresh = request.headers['if-none-match'] === '"v1"';
      const headers = { ETag: '"v1"', 'Cache-Control': 'max-age=86400', 'Last-Modified': 'then' };
      response.writeHead(isFresh ? 304 : 200, {
        ...headers,
        ...(!isFresh && { 'Content-Type': 'text/html' }),
      });
      response.end(isFresh ? undefined : page);
    };
    const first = await ask(framework, {}, conditional);
    const headers = { 'if-none-match': first.header('etag')! };
    const again = await ask(framework, {}, conditional, { headers });
    expect(again.status).toBe(304);
    for (const { header } of [first, again])
      expect(['etag', 'cache-control', 'last-modified'].map(header)).toEqual([
        headers['if-none-match'],
        'max-age=43200',
        undefined,
      ]);
  });

  test('a policy that allows scripts by hash leaves import maps and speculation rules alone', async () => {
    const events: ImageSignerEvent[] = [];
    const script = (type: string): string => `<script type="${type}">{"a":"${url()}"}</script>`;
    const checked = ['importmap', 'SpeculationRules', 'importmap; a=b'].map(script).join('');
    const data = checked + script('application/json') + page;
    const strict = { 'Content-Security-Policy': "script-src 'sha256-abc='" };
    const signs = ours({ report: (event: ImageSignerEvent) => note(events, event) });
    const site = framework.build([signs], (request, response) =>
      html(data, request.url === '/strict' ? strict : {})(request, response),
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

/** What no adapter has a say in is asked once. */
const askOne = (options: object, handler: Handler, request: RawRequest = {}): Promise<RawResponse> =>
  ask(frameworks[0]!, options, handler, request);

const fails = (): never => {
  throw new Error('database');
};

test.each<[title: string, authorize: () => unknown, reason: string]>([
  ['false', () => false, 'not-authorized'],
  ['a truthy value', () => 1, 'not-authorized'],
  ['nothing', () => undefined, 'not-authorized'],
  ['a throw', fails, 'authorize-threw'],
  ['a promise of true', () => Promise.resolve(true), 'authorize-not-synchronous'],
  ['a rejection', () => Promise.reject(new Error('no')), 'authorize-not-synchronous'],
])('%s of authorize is a no: no token, or the denied variant, and a report', async (_, authorize, reason) => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => note(events, event);
  const given = [url(), `${url('thumb', otherId)}?v=1&exp=1&sig=2#x`, signerWith().signImage(url())];
  const body = given.map(imageOf).join('');
  const { status, text } = await askOne({ authorize, report }, html(body));
  const plain = [url(), `${url('thumb', otherId)}?v=1#x`, url()].map(imageOf).join('');
  expect([status, text]).toEqual([200, plain]);
  const error = reason === 'authorize-threw' ? new Error('database') : undefined;
  expect(events).toEqual([
    { type: 'skipped', url: url(), reason, error },
    { type: 'skipped', url: `${url('thumb', otherId)}?v=1#x`, reason, error },
  ]);
  const denied = await askOne({ authorize, deniedVariant: 'preview' }, html(body));
  expect(denied.text).toBe(plain.replaceAll('/thumb', '/preview'));
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
  const tagged = html(page, { ETag: '"v1"' });
  const headers = { 'if-none-match': (await askOne({}, tagged)).header('etag')! };
  let seen: string | undefined = 'nothing';
  const look: Handler = (request, response) => {
    seen = request.headers['if-none-match'];
    tagged(request, response);
  };
  await askOne(options, look, { headers });
  expect(seen).toBeUndefined();
});

test('a page is kept for half of the shortest ttl at most', async () => {
  const options = { ttl: '2h', variants: { thumb: {}, card: { ttl: '1h' } } };
  const { header } = await askOne(options, html(page, { 'Cache-Control': 'public, max-age=31536000' }));
  expect(header('cache-control')).toBe('public, max-age=1800');
});

test('URLs that are left alone are reported, with the reason and without a token', async () => {
  const events: ImageSignerEvent[] = [];
  const options = {
    accountHash: url().split('/')[3],
    report: (event: ImageSignerEvent) => note(events, event),
  };
  const foreign = url('thumb', id, otherAccount);
  const images = [url('original'), foreign, url('thumb', 'a%2Cb'), 'https://example.com/a'];
  const body = [...images, `${url('original')}?a=1&exp=1&sig=2`]
    .map((each) => `<img src="${each}">`)
    .join('');
  expect((await askOne(options, html(body))).text).toBe(body);
  expect(events).toEqual([
    { type: 'skipped', url: url('original'), reason: 'variant-not-allowed' },
    { type: 'skipped', url: foreign, reason: 'account-not-allowed' },
    { type: 'skipped', url: url('thumb', 'a%2Cb'), reason: 'encoded-path', id: 'a,b' },
    { type: 'skipped', url: `${url('original')}?a=1`, reason: 'variant-not-allowed' },
  ]);
});

test.each([
  ['throws', fails],
  ['rejects', async () => fails()],
])('a report that %s changes nothing', async (_title, report) => {
  const { text } = await askOne({ report }, html(page + imageOf(url('original'))));
  expect(countTokens(text)).toBe(2);
});
