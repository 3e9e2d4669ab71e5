/** The event `rewritten`: its numbers are those of the body that went out, however it came about. */
import { Readable } from 'node:stream';
import Koa from 'koa';
import { describe, expect, test } from 'vitest';
import { UrlCounts } from '../../src/caches/page-cache.ts';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import { type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { imageSigner as koaSigner } from '../../src/koa.ts';
import { resolveReport } from '../../src/options/default-report.ts';
import { summarized } from '../../src/pages/body.ts';
import { Reporter } from '../../src/signer/reporter.ts';
import type { BodyTransform } from '../../src/text/body-transform.ts';
import { exchangeLater } from '../support/in-memory.ts';
import { base, countTokens, otherId, signerWith, url, withoutTokens } from '../support/samples.ts';

interface Answer {
  /** A list is streamed, part by part. */
  readonly body: string | readonly string[];
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends the app's answer to one request, and returns the body that a client gets. */
type Ask = (answer: Answer, method?: string) => Promise<string>;

interface Way {
  readonly name: string;
  start(options: object): Ask;
}

const ways: readonly Way[] = [
  {
    name: 'node:http, as bytes',
    start(options) {
      const sign = imageSigner({ ...base, ...options } as never);
      return async ({ body, status = 200, headers }, method) => {
        const { text } = await exchangeLater(
          (request, response) =>
            sign(request, response, () => {
              response.writeHead(status, { 'Content-Type': 'text/html', ...headers });
              for (const part of typeof body === 'string' ? [] : body) response.write(Buffer.from(part));
              response.end(typeof body === 'string' && body !== '' ? Buffer.from(body) : undefined);
            }),
          '/',
          {},
          method,
        );
        return text;
      };
    },
  },
  koaWay('Koa, as bytes', (app) => app),
  koaWay('Koa, as text', (app) => app.use((_, next) => next())),
  {
    name: 'fetch',
    start(options) {
      const sign = fetchSigner({ ...base, ...options } as never);
      return async ({ body, status = 200, headers }, method = 'GET') => {
        const stream =
          typeof body === 'string' ? body : (Readable.toWeb(Readable.from(buffers(body))) as ReadableStream);
        const init = { status, headers: { 'Content-Type': 'text/html', ...headers } };
        const response = await sign(
          new Request('https://shop.example/', { method }),
          () => new Response(method === 'HEAD' || status === 304 ? null : stream, init),
        );
        return response.text();
      };
    },
  },
];

function buffers(parts: readonly string[]): Buffer[] {
  return parts.map((part) => Buffer.from(part));
}

/** @param around - installs what stands before the middleware: it might look at the body, so that text stays text */
function koaWay(name: string, around: (app: Koa) => Koa): Way {
  return {
    name,
    start(options) {
      let answer: Answer;
      const listener = around(new Koa())
        .use(koaSigner({ ...base, ...options } as never))
        .use((ctx) => {
          const { body, status = 200, headers } = answer;
          ctx.body = typeof body === 'string' ? body : Readable.from(buffers(body));
          ctx.status = status;
          ctx.set({ 'Content-Type': 'text/html', ...headers });
        })
        .callback();
      return async (each, method) => {
        answer = each;
        return (await exchangeLater(listener, '/', {}, method)).text;
      };
    },
  };
}

const none = { signed: 0, kept: 0, skipped: 0, denied: 0 };
const kept = signerWith().signImage(url()).replace('&', '&amp;');
const json = { headers: { 'Content-Type': 'application/json' } };

type Case = [title: string, page: string, counts: object, options?: object, answer?: Partial<Answer>];

const cases: Case[] = [
  [
    'each URL that is signed, also one that stands there twice',
    `<img src="${url()}"><img src='${url()}' srcset="${url()} 1x, ${url('card')} 2x"><style>a{background:url(${url()})}</style>`,
    { ...none, signed: 5 },
  ],
  ['nothing in a page without images', '<p>text</p>', none],
  [
    'nothing for an always public variant, though its token is taken off',
    `<img src="${url('preview')}"><img src="${url('preview')}?exp=1&amp;sig=2">`,
    none,
  ],
  ['a token that is good for long enough', `<img src="${kept}"><img src="${kept}">`, { ...none, kept: 2 }],
  [
    'a token that has expired as signed',
    `<img src="${url()}?exp=1&amp;sig=2"><img src="${url()}">`,
    { ...none, signed: 2 },
  ],
  [
    'variants that are not on the list',
    `<img src="${url('large')}"><img src="${url('large')}"><img srcset="${url()} 1x, ${url('huge')} 2x">`,
    { ...none, signed: 1, skipped: 3 },
  ],
  [
    'what authorize refuses',
    `<img src="${url()}"><img src="${url('thumb', otherId)}"><img src="${url('thumb', otherId)}">`,
    { ...none, signed: 1, denied: 2 },
    { authorize: (image: { id: string }) => image.id !== otherId },
  ],
  [
    'what authorize refuses, and goes out in another variant',
    `<img src="${url()}">`,
    { ...none, denied: 1 },
    { authorize: () => false, deniedVariant: 'preview' },
  ],
  [
    'the values of JSON',
    JSON.stringify({ a: url(), b: [url(), url('large')], c: kept.replace('&amp;', '&') }),
    { ...none, signed: 2, kept: 1, skipped: 1 },
    { rewrite: { json: true } },
    json,
  ],
  [
    'the body alone, and not its Link',
    `<img src="${url()}">`,
    { ...none, signed: 1 },
    {},
    { headers: { Link: `<${url('card')}>; rel=preload; as=image` } },
  ],
];

describe.each(ways)('$name', ({ start }) => {
  /** Only those of the type `rewritten`. */
  function listening(options: object = {}): { events: ImageSignerEvent[]; ask: Ask } {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): void => {
      if (event.type === 'rewritten') events.push(event);
    };
    return { events, ask: start({ report, ...options }) };
  }

  describe('counts the same at each of five visits, whole and streamed:', () => {
    test.each<Case>(cases)('%s', async (_title, page, counts, options, answer) => {
      const middle = page.length >> 1;
      for (const body of [page, [page.slice(0, middle), page.slice(middle)]]) {
        const { events, ask } = listening(options);
        for (let visit = 0; visit < 5; visit++) {
          const text = await ask({ body, ...answer });
          const bytes = Buffer.byteLength(text);
          const expected = { type: 'rewritten', page: 'GET /', ...counts, bytes };
          expect(events.splice(0), `visit ${visit}`).toEqual([expected]);
          const { signed, kept } = expected as unknown as typeof none;
          expect(countTokens(text)).toBe(signed + kept);
        }
      }
    });
  });

  test.each<[title: string, answer: Answer, method?: string, options?: object]>([
    ['a 304', { status: 304, body: '', headers: { ETag: '"a"' } }],
    ['HEAD', { body: `<img src="${url()}">` }, 'HEAD'],
    ['a response that forbids changes', { body: url(), headers: { 'Cache-Control': 'no-transform' } }],
    ['a part of a page', { status: 206, body: url(), headers: { 'Content-Range': 'bytes 0-9/99' } }],
    ['text', { body: url(), headers: { 'Content-Type': 'text/plain' } }],
    ['JSON, unless it is rewritten', { body: JSON.stringify(url()), ...json }],
    ['a response that skip leaves alone', { body: `<img src="${url()}">` }, 'GET', { skip: () => true }],
    ['a site where nothing is rewritten', { body: `<img src="${url()}">` }, 'GET', { rewrite: false }],
  ])('is not there for %s', async (_title, answer, method, options) => {
    const { events, ask } = listening(options);
    await ask(answer, method);
    expect(events).toEqual([]);
  });

  test('a page of 300 KiB, which no cache holds, is counted too', async () => {
    const page = `<img src="${url()}"><p>${'x'.repeat(300 * 1024)}</p>`;
    const { events, ask } = listening();
    for (let visit = 0; visit < 3; visit++) expect(withoutTokens(await ask({ body: page }))).toBe(page);
    expect(events.map((event) => 'signed' in event && event.signed)).toEqual([1, 1, 1]);
  });
});

test('a body that breaks off is not told', async () => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const sign = imageSigner({ ...base, report });
  await exchangeLater((request, response) => {
    sign(request, response, () => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.write(`<img src="${url()}">`);
      response.destroy();
      response.end('<p>the end</p>'); // an app may not have noticed
    });
  }, '/');
  const broken = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from(`<img src="${url()}">`)),
    pull: (controller) => controller.error(new Error('the origin is gone')),
  });
  const response = await fetchSigner({ ...base, report } as never)(
    new Request('https://shop.example/'),
    () => new Response(broken, { headers: { 'Content-Type': 'text/html' } }),
  );
  await expect(response.text()).rejects.toThrow('the origin is gone');
  expect(events).toEqual([]);
});

const warnings = resolveReport(undefined, { hasCloudflareImages: true, hasOthers: false });

test.each<[title: string, report: ConstructorParameters<typeof Reporter>[0], isCounted: boolean]>([
  ['nobody listens', undefined, false],
  ['only warnings of development do', warnings, false],
  ['the app listens', () => {}, true],
])('a body is counted only if the app wants to know: %s', (_title, report, isCounted) => {
  const body: BodyTransform = { write: (chunk) => chunk, end: (chunk) => chunk ?? new Uint8Array() };
  const response = { reporter: new Reporter(report), signer: { counts: new UrlCounts() } };
  expect(summarized(body, response as never) !== body).toBe(isCounted);
});
