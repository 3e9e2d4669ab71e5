/** A page that is settled at once gets what the policy gives it, and one that may need more is left to the policy. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { HeaderList } from '../../src/node/http/response-fields.ts';
import { createInstance, type Instance } from '../../src/pages/instance.ts';
import { settlePlainPage } from '../../src/pages/plain-pages.ts';
import { ResponsePolicy } from '../../src/pages/policy.ts';
import { s3 } from '../../src/schemes.ts';
import { Reporter } from '../../src/signer/reporter.ts';
import { base, instant, url } from '../support/samples.ts';

type Fields = Record<string, string>;

interface Case {
  readonly options?: object;
  readonly status?: number;
  readonly fields?: Fields;
  readonly body?: string | Uint8Array;
}

const html = { 'Content-Type': 'text/html; charset=utf-8' };
const redirect = '<p>Found. Redirecting to /elsewhere</p>';

/** Without the warnings of development, which read every page. */
function inProduction(options: object = {}): Instance {
  vi.stubEnv('NODE_ENV', 'production');
  const { key, variants, ...others } = base;
  return createInstance({ ...('scheme' in options ? others : { key, variants, ...others }), ...options });
}

afterEach(() => {
  vi.unstubAllEnvs();
});

function settle(
  { options, status = 302, fields = {}, body = redirect }: Case,
  how: 'at once' | 'by the policy',
) {
  const events: unknown[] = [];
  const instance = inProduction({ report: (event: unknown) => events.push(event), ...options });
  const list = new HeaderList(Object.entries({ ...html, ...fields }));
  const reporter = new Reporter(instance.access.report);
  const settled = (): unknown => ({ fields: Object.fromEntries(list.byName()), events });
  if (how === 'at once') {
    const isSettled = settlePlainPage(instance, status, () => list, body, { reporter }) !== undefined;
    return isSettled && settled();
  }
  const policy = new ResponsePolicy(
    {
      request: { method: 'GET', headers: {} },
      skipArguments: [],
      inProgress: instance.core.beginResponse(instance.access, {}, reporter),
      reporter,
      shortestOwnTtl: Number.POSITIVE_INFINITY,
      isPersonal: false,
      sentFields: undefined,
      reportInternalError: () => undefined,
    },
    instance,
  );
  policy.onContentType(list.get('content-type')!);
  const decision = policy.decide(status, list, true);
  const rewritten = typeof decision === 'object' ? decision.body : undefined;
  const out = rewritten?.end(Buffer.from(body as Uint8Array));
  expect(Buffer.from(out!)).toEqual(Buffer.from(body as Uint8Array));
  policy.onHeaders(list);
  return settled();
}

describe('as the policy does', () => {
  test.each<[string, Case]>([
    ['a redirect', {}],
    ['an empty page', { body: '' }],
    ['a page in bytes', { status: 404, body: Buffer.from('<h1>Nöt found</h1>') }],
    ['one byte of a byte order mark', { body: Uint8Array.of(0xff) }],
    ['a weak tag', { fields: { ETag: 'W/"1-a"' } }],
    ['a strong tag', { fields: { etag: '"1-a"' } }],
    ['a page that is private', { options: { authorize: () => true }, fields: { ETag: '"1"' } }],
    ['a page that caches may keep', { fields: { 'Cache-Control': 'public, max-age=999999' } }],
    [
      'a page for CDNs',
      { fields: { 'CDN-Cache-Control': 's-maxage=999999', Expires: '0', Pragma: 'no-cache' } },
    ],
    ['what describes the bytes', { fields: { 'Last-Modified': 'x', Digest: 'y', 'accept-ranges': 'bytes' } }],
    [
      'a policy for content',
      { fields: { 'Content-Security-Policy': "default-src 'self'; script-src 'nonce-1'" } },
    ],
    ['a page to which nobody listens', { options: { report: false } }],
    ['an image elsewhere', { body: '<img src="https://elsewhere.example/a.jpg">' }],
    ['a script and a style', { body: '<script>a("<img>")</script><style>a { b: url(c) }</style>' }],
    [
      'a secret that ends before its URLs do',
      { options: endingSoon(), fields: { 'Cache-Control': 'max-age=9999' } },
    ],
    ['a redirect to a page', { options: { authorize: () => true }, fields: { Location: '/elsewhere' } }],
    ['a location of an image, which stays', { fields: { Location: url() } }],
  ])('%s', (_name, page) => {
    const settled = settle(page, 'at once');
    expect(settled).not.toBe(false);
    expect(settled).toEqual(settle(page, 'by the policy'));
  });
});

describe('is left to the policy', () => {
  const hashed = "style-src 'sha256-abc'";
  test.each<[string, Case]>([
    ['a page with an image', { body: `<img src="${url()}">` }],
    ['the same in bytes', { body: Buffer.from(`<img src="${url()}">`) }],
    [
      'a base that the author has written in capitals',
      { body: '<img src="HTTPS://IMAGEDELIVERY.NET/a/b/c">' },
    ],
    ['a URL of the store under no base', { options: ownDomain(), body: `<img src="${url()}">` }],
    ['a long page', { body: 'x'.repeat(4_097) }],
    ['UTF-16', { body: Uint8Array.of(0xff, 0xfe, 0x3c, 0) }],
    ['a page of which the app is asked', { options: { skip: () => false } }],
    ['a site whose pages are not read', { options: { rewrite: { html: false, json: true } } }],
    ['another type', { fields: { 'Content-Type': 'text/plain' } }],
    ['an encoding that may be ISO-2022-JP', { fields: { 'Content-Type': 'text/html' } }],
    ['no content', { status: 204 }],
    ['a part', { status: 206 }],
    ['a part, by its range', { fields: { 'Content-Range': 'bytes 0-1/2' } }],
    ['a redirect to an image', { options: { rewrite: { location: true } }, fields: { Location: url() } }],
    ['a link', { fields: { Link: `<${url()}>; rel=preload; as=image` } }],
    ['a page that nobody may transform', { fields: { 'Cache-Control': 'no-store, no-transform' } }],
    ['styles by their hash, which are reported', { fields: { 'Content-Security-Policy': hashed } }],
    ['trailers', { fields: { Trailer: 'Digest' } }],
    ['a clock that nobody can trust', { options: { now: stopping() } }],
  ])('%s', (_name, page) => {
    expect(settle(page, 'at once')).toBe(false);
  });

  test('in development, what is searched for bases that no page uses', () => {
    vi.stubEnv('NODE_ENV', 'development');
    const instance = createInstance({ ...base, report: () => {} });
    const fields = new HeaderList(Object.entries(html));
    const reporter = new Reporter(undefined);
    expect(settlePlainPage(instance, 200, () => fields, redirect, { reporter })).toBeUndefined();
    expect(fields.flat()).toEqual(Object.entries(html).flat());
  });
});

/** A clock that says nothing once the instance is made. */
function stopping(): () => number {
  let calls = 0;
  return () => (calls++ === 0 ? instant : Number.NaN);
}

/** A secret that is valid for ten minutes, which is reported. */
function endingSoon(): object {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'a-secret-of-forty-characters-for-a-test-',
    sessionToken: 'a-session',
    expiration: new Date(instant + 600_000),
  };
  const bucket = { url: 'https://photos.s3.eu-central-1.amazonaws.com', region: 'eu-central-1', credentials };
  return { scheme: s3({ ...bucket, prefixes: ['photos/'] }) };
}

/** The bases of a site with a domain of its own, where `imagedelivery` is no literal. */
function ownDomain(): object {
  return { delivery: 'https://images.site.example' };
}
