/** The Koa example, started as a user starts it: what guests and members get, and what hostile requests do not. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownAccountHash, ownBase, ownDelivery, urlOf } from '../../examples/gallery/delivery.ts';
import { drawings } from '../../examples/gallery/pictures/catalogue.ts';
import { createStore, headOf } from '../../examples/gallery/store.ts';
import { type RunningGallery, startGallery } from '../support/gallery.ts';
import { exceptions, inOtherVariant, signedUrlsIn, withoutToken } from '../support/gallery-pages.ts';
import { type RawRequest, type RawResponse, send } from '../support/raw.ts';

const membersIds = drawings.flatMap(({ id, isForMembers }) => (isForMembers ? id : []));
const openId = drawings[0]?.id;
const account = `${ownBase}/${ownAccountHash}`;
const pages = ['/', '/article'];
const viewers = ['guest', 'member'] as const;

let gallery: RunningGallery;
let port: number;

beforeAll(async () => {
  gallery = await startGallery({}, 'examples/koa/start.ts');
  port = Number(new URL(gallery.address).port);
});
afterAll(() => gallery?.stop());

function ask(path: string, viewer: string = 'guest', request: RawRequest = {}): Promise<RawResponse> {
  return send(port, path, { ...request, headers: { cookie: `viewer=${viewer}`, ...request.headers } });
}

async function htmlOf(viewer: string): Promise<string> {
  const answers = await Promise.all(pages.map((path) => ask(path, viewer)));
  return answers.map(({ text }) => text).join('\n');
}

/** One that the gallery's page shows. */
async function signedPath(): Promise<string> {
  const [url = ''] = signedUrlsIn((await ask('/')).text, gallery.address);
  return url.slice(gallery.address.length);
}

const sharp = new RegExp(`(?:${membersIds.join('|')})/(?:thumb|card|hero)`);

describe.each(viewers)('a %s', (viewer) => {
  it('gets addresses that are good as they are, and refused without token and in another variant', async () => {
    const urls = signedUrlsIn(await htmlOf(viewer), gallery.address);
    const pictures = drawings.length - (viewer === 'member' ? 0 : membersIds.length);
    expect(urls).toHaveLength(pictures * 3); // each in three sizes, and never with two tokens
    expect(await exceptions(urls, 200)).toEqual([]);
    expect(await exceptions(urls.map(withoutToken), 403)).toEqual([]);
    expect(await exceptions(urls.map(inOtherVariant), 403)).toEqual([]);
  });

  it.each(pages)('gets %s for itself: private, and whole at each visit', async (path) => {
    const answer = await ask(path, viewer);
    expect(answer.status).toBe(200);
    expect(answer.header('content-type')).toBe('text/html; charset=utf-8');
    expect(answer.header('cache-control')).toBe('private, no-cache');
    expect(answer.header('content-security-policy')).toMatch(/^default-src 'self';img-src 'self' http/);
    for (const name of ['etag', 'last-modified']) expect(answer.header(name)).toBeUndefined();
    const later = { 'if-none-match': '*', 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' };
    for (const accept of ['text/html', '*/*'])
      expect((await ask(path, viewer, { headers: { ...later, accept } })).status).toBe(200);
  });

  it.each(pages)('gets the same headers of %s by HEAD, and no body', async (path) => {
    const names = ({ headers }: RawResponse): string[] =>
      headers.map(([name]) => name).filter((name) => !/^(?:content-length|transfer-encoding)$/.test(name));
    const [get, head] = await Promise.all([ask(path, viewer), ask(path, viewer, { method: 'HEAD' })]);
    expect([head.status, head.body.length, head.isComplete]).toEqual([200, 0, true]);
    expect(names(head)).toEqual(names(get));
  });
});

it('shows a guest the previews of the members’ pictures, and not a word of anything sharper', async () => {
  const html = await htmlOf('guest');
  expect(html.match(sharp)).toBeNull();
  for (const id of membersIds) {
    expect(html).toContain(`src="${account}/${id}/preview"`);
    expect((await ask(`${account}/${id}/preview`)).status).toBe(200);
  }
  const times = (await htmlOf('member')).split(sharp).length - 1;
  expect(times).toBeGreaterThanOrEqual(membersIds.length * 3);
});

it('keeps viewers who come at the same moment apart', async () => {
  const visits = Array.from({ length: 10 }, () =>
    viewers.flatMap((viewer) => pages.map((path) => ({ viewer, path }))),
  ).flat();
  const asked = visits.map(async ({ viewer, path }) => ({ viewer, text: (await ask(path, viewer)).text }));
  for (const { viewer, text } of await Promise.all(asked)) {
    expect(sharp.test(text)).toBe(viewer === 'member');
    expect(text).toMatch(new RegExp(`value="${viewer}" aria-pressed="true"`));
  }
});

it('stores the article without tokens, and sends just that with tokens in it', async () => {
  const delivery = ownDelivery(port);
  const store = createStore({
    pictures: drawings,
    urlOf: (picture, variant) => urlOf(delivery, picture, variant),
    absoluteUrlOf: (picture, variant) => urlOf(delivery, picture, variant, delivery.absoluteBase),
  });
  const stored = store.read();
  expect(stored.body + stored.hero).not.toMatch(/exp=|sig=/);
  for (const _visit of ['first', 'second']) {
    const { text } = await ask('/article', 'member');
    const plain = text.replaceAll(/\?exp=\d+&(?:amp;)?sig=[0-9a-f]{64}/g, '');
    expect(text.length - plain.length).toBeGreaterThan(10 * 80);
    expect(plain).toContain(stored.body);
    expect(plain).toContain(headOf(stored));
  }
});

it('leads nowhere that is not there', async () => {
  const html = await htmlOf('member');
  const links = Array.from(html.matchAll(/\b(?:href|action)="([^"]+)"/g), ([, link = '']) => link);
  const paths = [...new Set(links)].filter((link) => !/^#|\/viewer$/.test(link));
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) expect((await ask(path.replaceAll('&amp;', '&'))).status, path).toBe(200);
});

describe('a picture', () => {
  it('goes out with its type, to be kept for as long as the token lives', async () => {
    const path = await signedPath();
    const [get, head] = await Promise.all([ask(path), ask(path, 'guest', { method: 'HEAD' })]);
    for (const { status, header } of [get, head]) {
      expect(status).toBe(200);
      expect(header('content-type')).toBe('image/webp');
      expect(header('content-length')).toBe(String(get.body.length));
      const [, seconds] = /^private, max-age=(\d+)$/.exec(header('cache-control') ?? '') ?? [];
      expect(Number(seconds)).toBeGreaterThan(3590);
      expect(Number(seconds)).toBeLessThanOrEqual(4500);
    }
    expect(get.body.toString('latin1', 8, 12)).toBe('WEBP');
    expect(head.body).toHaveLength(0);
  });

  it('is not sent again to whoever has it', async () => {
    const path = await signedPath();
    const headers = { 'if-modified-since': (await ask(path)).header('last-modified') ?? '' };
    const again = await ask(path, 'guest', { headers });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect(again.header('cache-control')).toMatch(/^private, max-age=\d+$/);
    expect((await ask(withoutToken(path), 'guest', { headers })).status).toBe(403);
  });

  it('without a token is refused in one line, never stored', async () => {
    for (const method of ['GET', 'HEAD']) {
      const { status, text, header } = await ask(`${account}/${openId}/hero`, 'member', { method });
      expect([status, text]).toEqual([403, method === 'GET' ? 'ERROR 9425: Image access denied\n' : '']);
      expect(header('cache-control')).toBe('no-store');
    }
  });
});

describe('hostile requests', () => {
  it.each([
    ['/nothing', 404],
    ['/url', 404],
    ['/article/edit', 404],
    ['/%', 404],
    ['/%E0%A4%A', 404],
    ['//', 404],
    ['//evil.example/', 404],
    ['/constructor', 404],
    ['/?viewer[]=1&__proto__[x]=1', 200],
    ['/assets/', 404],
    ['/assets/%', 400],
    ['/assets/%00', 400],
    ['/assets/..%2f..%2fapp.ts', 403],
    ['/assets/../../app.ts', 403],
    [`/assets/${'a'.repeat(300)}`, 404],
    [account, 403],
    [`${account}/%`, 403],
    [`${account}/${openId}/..%2fcard?exp=1&sig=0`, 403],
    [`${account}/${openId}/hero.webp`, 403],
    [`${account}//${openId}/hero`, 403],
    [`${account}/../${ownAccountHash}/${openId}/preview`, 403],
    [`${ownBase}/another-account/${openId}/preview`, 403],
    [`${account}/no-such-picture/preview`, 404],
  ])('GET %s is %i', async (path, status) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.header('x-content-type-options')).toBe('nosniff');
    expect(answer.text).not.toMatch(/\bat .+:\d+:\d+|node_modules/); // no stack
  });

  it.each(['viewer=member2', 'xviewer=member', ';;=;viewer', '\x80\xff', 'viewer=%00', 'viewer=__proto__'])(
    'the cookie %j makes nobody a member',
    async (cookie) => {
      const { status, text } = await ask('/', 'guest', { headers: { cookie } });
      expect(status).toBe(200);
      expect(text).toMatch(/value="guest" aria-pressed="true"/);
      expect(text.match(sharp)).toBeNull();
    },
  );

  it('escapes what it prints', async () => {
    const { text } = await ask(`/nothing?"><script>alert(1)</script>`);
    expect(text).not.toContain('<script>');
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it.each(['OPTIONS', 'PUT', 'DELETE', 'TRACE'])('%s is answered, and changes nothing', async (method) => {
    expect((await ask('/', 'guest', { method })).status).toBe(404);
  });
});

describe('the switch', () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const post = (body: string, headers: RawRequest['headers'] = form): Promise<RawResponse> =>
    ask('/viewer', 'guest', { method: 'POST', headers, body });

  it('sets a cookie that scripts and other sites do not get', async () => {
    const { status, header } = await post('viewer=member&from=/article');
    expect([status, header('location')]).toEqual([303, '/article']);
    expect(header('set-cookie')).toBe('viewer=member; path=/; samesite=lax; httponly');
  });

  it.each([
    ['//evil.example/', '/'],
    ['https://evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/article?x=1', '/article?x=1'],
  ])('leads back from %j to %s', async (from, location) => {
    const { status, header } = await post(new URLSearchParams({ viewer: 'guest', from }).toString());
    expect([status, header('location')]).toEqual([303, location]);
  });

  it.each([
    ['another viewer', 'viewer=admin', 400],
    ['an object', 'viewer[$ne]=x', 400],
    ['a list', 'viewer=member&viewer=member', 400],
    ['a stray %', '%', 400],
    ['nothing', '', 400],
    ['5 KB', `viewer=guest&from=/${'a'.repeat(5000)}`, 413],
  ])('refuses %s', async (_title, body, status) => {
    const answer = await post(body);
    expect([answer.status, answer.header('set-cookie')]).toEqual([status, undefined]);
  });

  it.each([
    [{ ...form, 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'content-type': 'application/json' }, 400],
    [{ ...form, 'content-encoding': 'nonsense' }, 415],
  ])('takes no form with %j', async (headers, status) => {
    expect((await post('viewer=member', headers)).status).toBe(status);
  });
});
