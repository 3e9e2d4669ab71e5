/** The event `rewritten`: its numbers are those of the body that went out, however it came about. */
import { describe, expect, test } from 'vitest';
import { UrlCounts } from '../../src/caches/page-cache.ts';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import { type ImageSignerEvent, imageSigner } from '../../src/index.ts';
import { resolveReport } from '../../src/options/default-report.ts';
import { summarized } from '../../src/pages/body.ts';
import { Reporter } from '../../src/signer/reporter.ts';
import type { BodyTransform } from '../../src/text/body-transform.ts';
import { sourceOf } from '../conformance/source.ts';
import type { RawRequest } from '../support/http/raw.ts';
import { base, countTokens, otherId, signerWith, url } from '../support/samples.ts';
import { servers } from '../support/servers/any-server.ts';
import { exchangeLater } from '../support/servers/in-memory.ts';

const none = { signed: 0, kept: 0, skipped: 0, denied: 0 };
const kept = signerWith().signImage(url()).replace('&', '&amp;');
const json = { 'Content-Type': 'application/json' };
const img = (...urls: string[]): string => urls.map((each) => `<img src="${each}">`).join('');

type Case = [title: string, page: string, counts: Partial<typeof none>, options?: object, headers?: object];
const cases: Case[] = [
  [
    'each URL that is signed, also one that stands there twice',
    `${img(url())}<img src='${url()}' srcset="${url()} 1x, ${url('card')} 2x"><style>a{background:url(${url()})}</style>`,
    { signed: 5 },
  ],
  ['nothing in a page without images', '<p>text</p>', {}],
  ['nothing for what is always public', img(url('preview'), `${url('preview')}?exp=1&amp;sig=2`), {}],
  ['a token that is good for long enough', img(kept, kept), { kept: 2 }],
  ['a token that has expired as signed', img(`${url()}?exp=1&amp;sig=2`, url()), { signed: 2 }],
  [
    'variants that are not on the list',
    `${img(url('large'), url('large'))}<img srcset="${url()} 1x, ${url('huge')} 2x">`,
    { signed: 1, skipped: 3 },
  ],
  [
    'what authorize refuses',
    img(url(), url('thumb', otherId), url('thumb', otherId)),
    { signed: 1, denied: 2 },
    { authorize: (image: { id: string }) => image.id !== otherId },
  ],
  [
    'what authorize refuses, and goes out in another variant',
    img(url()),
    { denied: 1 },
    { authorize: () => false, deniedVariant: 'preview' },
  ],
  [
    'the values of JSON',
    JSON.stringify({ a: url(), b: [url(), url('large')], c: kept.replace('&amp;', '&') }),
    { signed: 2, kept: 1, skipped: 1 },
    { rewrite: { json: true } },
    json,
  ],
  [
    'the body alone, and not its Link',
    img(url()),
    { signed: 1 },
    {},
    { Link: `<${url('card')}>; rel=preload` },
  ],
  ['a page of 300 KiB, which no cache holds', `${img(url())}<p>${'x'.repeat(300 * 1024)}</p>`, { signed: 1 }],
];

interface Given {
  readonly status?: number;
  readonly headers?: object;
  readonly options?: object;
  readonly request?: RawRequest;
}

describe.each(servers.filter(({ name }) => ['node:http', 'Koa 3', 'Koa 2', 'fetch'].includes(name)))(
  '$name',
  ({ build }) => {
    function asking(body: string | readonly string[], { status = 200, headers, options }: Given) {
      const events: ImageSignerEvent[] = [];
      const report = (event: ImageSignerEvent): unknown => event.type === 'rewritten' && events.push(event);
      const ask = build({ ...base, report, ...options }, () => ({
        status,
        headers: { 'Content-Type': 'text/html', ...headers },
        body: status === 304 ? null : typeof body === 'string' ? body : sourceOf(body),
      }));
      return { ask, events };
    }

    test.each<Case>(cases)(
      'counts the same at each of five visits, whole and streamed: %s',
      async (_title, page, counts, options, headers) => {
        const middle = page.length >> 1;
        for (const body of [page, [page.slice(0, middle), page.slice(middle)]]) {
          const { events, ask } = asking(body, { ...(options && { options }), ...(headers && { headers }) });
          for (let visit = 0; visit < 5; visit++) {
            const { text, body: bytes } = await ask();
            const expected = { ...none, ...counts };
            expect(events.splice(0), `visit ${visit}`).toEqual([
              { type: 'rewritten', page: 'GET /', ...expected, bytes: bytes.length },
            ]);
            expect(countTokens(text)).toBe(expected.signed + expected.kept);
          }
        }
      },
    );

    test.each<[title: string, body: string, given: Given]>([
      ['a 304', '', { status: 304, headers: { ETag: '"a"' } }],
      ['HEAD', img(url()), { request: { method: 'HEAD' } }],
      ['a response that forbids changes', url(), { headers: { 'Cache-Control': 'no-transform' } }],
      ['a part of a page', url(), { status: 206, headers: { 'Content-Range': 'bytes 0-9/99' } }],
      ['text', url(), { headers: { 'Content-Type': 'text/plain' } }],
      ['JSON, unless it is rewritten', JSON.stringify(url()), { headers: json }],
      ['a response that skip leaves alone', img(url()), { options: { skip: () => true } }],
      ['a site where nothing is rewritten', img(url()), { options: { rewrite: false } }],
    ])('is not there for %s', async (_title, body, given) => {
      const { events, ask } = asking(body, given);
      await ask(given.request);
      expect(events).toEqual([]);
    });
  },
);

test('a body that breaks off is not told', async () => {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => void events.push(event);
  const sign = imageSigner({ ...base, report });
  await exchangeLater((request, response) => {
    sign(request, response, () => {
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.write(img(url()));
      response.destroy();
      response.end('<p>the end</p>'); // an app may not have noticed
    });
  }, '/');
  const broken = new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from(img(url()))),
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
