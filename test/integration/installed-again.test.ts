/** The middleware installed again on a response, with other options: what the earlier instances have signed counts to the end. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { defineScheme, type QuerySchemeDefinition } from '../../src/schemes.ts';
import { base, instant, signerWith, url } from '../support/samples.ts';
import { exchange, type Message } from '../support/servers/in-memory.ts';

type Step = (request: IncomingMessage, response: ServerResponse) => void;

/** An app that installs and answers step by step. */
function visit(...steps: readonly Step[]): Message {
  const listener: RequestListener = (request, response) => {
    for (const step of steps) step(request, response);
  };
  return exchange(listener, {}, () => instant);
}

const silent = (): void => {};

function install(options: object = {}): Step {
  const sign = imageSigner({ ...base, report: silent, ...options } as never);
  return (request, response) => sign(request, response, () => {});
}

interface WithHelper extends IncomingMessage {
  signImage(image: string, variant?: string, options?: object): string;
}

/** The tokens that the helper has given, as a header that no rewriting touches. */
function callHelper(options: object): Step {
  return (request, response) => {
    const given = response.getHeader('X-Given') ?? '';
    response.setHeader('X-Given', `${given} ${(request as WithHelper).signImage(url(), 'thumb', options)}`);
  };
}

function answer(headers: Record<string, string>, body: (given: string) => string): Step {
  return (_request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    response.end(body(String(response.getHeader('X-Given') ?? '')));
  };
}

const pageHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  ETag: '"a"',
  'Cache-Control': 'max-age=86400',
};
const page = (given: string): string => `<p>${given}</p><img src="${url()}">`;
const [jsonOn, jsonOff] = [{ rewrite: { json: true } }, { rewrite: { json: false } }];

test('a token with a ttl of its own from before takes the tag off the page, and shortens its freshness', () => {
  const { headers } = visit(install(), callHelper({ ttl: 600 }), install(jsonOn), answer(pageHeaders, page));
  expect([headers['etag'], headers['cache-control']]).toEqual([undefined, 'max-age=300']);
  const without = visit(install(), callHelper({}), install(jsonOn), answer(pageHeaders, page));
  expect([without.headers['etag'], without.headers['cache-control']]).toEqual([
    expect.stringMatching(/^W\/"a-is\./),
    'max-age=43200',
  ]);
});

test('it counts as well if it was signed two instances ago', () => {
  const steps = [install(), callHelper({ ttl: 600 }), install(jsonOn), install(jsonOff)];
  const { headers } = visit(...steps, answer(pageHeaders, page));
  expect([headers['etag'], headers['cache-control']]).toEqual([undefined, 'max-age=300']);
  const text = visit(...steps, answer({ ...pageHeaders, 'Content-Type': 'text/plain' }, String));
  expect(text.headers['cache-control']).toBe('max-age=300');
});

test('a URL that was given out two instances ago stays as it is in the page', () => {
  const steps = [install(), callHelper({ ttl: 600 }), install(jsonOn), install(jsonOff)];
  const { headers, body } = visit(
    ...steps,
    answer(pageHeaders, (given) => `<img src="${given.trim().replaceAll('&', '&amp;')}">`),
  );
  expect(body.replaceAll('&amp;', '&')).toBe(`<img src="${headers['x-given']!.trim()}">`);
});

test('an instance with another clock is another one', () => {
  const now = (): number => instant + 7 * 86_400_000;
  const { body } = visit(install(), install({ now }), answer(pageHeaders, page));
  const [signed] = /https:[^"]*/.exec(body)!;
  const checked = signerWith({ now }).verifyImage(signed!.replaceAll('&amp;', '&'));
  expect(checked).toMatchObject({ ok: true });
});

test('a text that has begun to go out keeps its tag where another instance comes later', () => {
  const { headers } = visit(
    buffer,
    install(),
    callHelper({}),
    (_request, response) => {
      for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
      response.setHeader('Content-Type', 'text/plain');
      response.write('begun');
    },
    install({ ttl: 3600 }),
    (_request, response) => response.end(),
  );
  expect([headers['etag'], headers['cache-control']]).toEqual(['"a"', 'max-age=43200']);
});

/** Sends the body once it has all of it, as a middleware before ours. */
const buffer: Step = (_request, response) => {
  const { write, end } = response;
  const parts: Uint8Array[] = [];
  response.write = ((chunk: string) => parts.push(Buffer.from(chunk)) > 0) as typeof write;
  response.end = (() => {
    Object.assign(response, { write, end });
    return end.call(response, Buffer.concat(parts), 'utf8');
  }) as typeof end;
};

test.each<[name: string, allowed: string, change: Partial<QuerySchemeDefinition<string>>]>([
  ['match', 'a.jpg?v=1', { match: ({ id: name }) => (name === 'x/a.jpg' ? {} : undefined) }],
  ['parameters', 'a.jpg', { parameters: () => false }],
])('an own scheme with another `%s` is another one', (_name, allowed, change) => {
  const own = (more: Partial<QuerySchemeDefinition<string>>) =>
    defineScheme({
      name: 'my-cdn',
      url: '/files',
      prefixes: 'x/',
      token: ['expires', 'mac'],
      secret: 'a-key-that-nobody-else-has',
      sign: (_parts, { exp }) => ({ expires: exp, mac: 'made' }),
      ...more,
    });
  const options = { ttl: '1d', now: base.now, report: silent };
  const withScheme = (scheme: unknown): Step => {
    const sign = imageSigner({ ...options, scheme } as never);
    return (request, response) => sign(request, response, () => {});
  };
  const images = '<img src="/files/x/a.jpg?v=1"><img src="/files/x/b.jpg?v=1">';
  const [wide, narrow] = [own({}), own(change)];
  const textOf = (...schemes: readonly unknown[]): string =>
    visit(
      ...schemes.map(withScheme),
      answer(pageHeaders, () => images),
    ).body.toString();
  expect(textOf(wide, narrow)).toBe(textOf(narrow));
  expect(textOf(wide, narrow)).toContain(`${allowed}${allowed.includes('?') ? '&amp;' : '?'}expires=`);
  expect(textOf(wide, wide)).toBe(textOf(wide));
  expect(textOf(wide)).not.toBe(textOf(narrow));
});
