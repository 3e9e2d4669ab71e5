/** What hostile requests get of the gallery. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownAccountHash, ownBase } from '../../../examples/gallery/delivery.ts';
import { drawings } from '../../../examples/gallery/pictures/catalogue.ts';
import { signedUrlsIn, withoutToken } from '../../support/generators/gallery-pages.ts';
import { type RawRequest, type RawResponse, send } from '../../support/http/raw.ts';
import { type RunningGallery, startGallery } from '../../support/servers/gallery.ts';

const id = drawings[0]?.id;
const account = `${ownBase}/${ownAccountHash}`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const noPages: readonly (readonly [path: string, status: number])[] = [
  ['/nothing', 404],
  ['/%', 404],
  ['/%E0%A4%A', 404],
  ['/?viewer[]=1&__proto__[x]=1', 200],
  [account, 403],
  [`${account}/%`, 403],
  [`${account}/${id}/..%2fcard?exp=1&sig=0`, 403],
  [`${account}/${id}/hero.webp`, 403],
  [`${account}//${id}/hero`, 403],
  [`${account}/../${ownAccountHash}/${id}/preview`, 403],
  [`${ownBase}/another-account/${id}/preview`, 403],
  [`${account}/${id}/preview`, 200],
  [`${account}/no-such-picture/preview`, 404],
  ['/assets/%', 404],
  ['/assets/..%2f..%2fstart.ts', 404],
  ['/url/%', 400],
  ['/url/..%2f..%2fetc%2fpasswd', 404],
  ['/url/__proto__', 404],
  [`/url/${'a'.repeat(6000)}`, 404],
  [`/url/${id}?variant=__proto__`, 200],
  [`/url/${id}?variant=card&variant=hero`, 200],
];
const text = 'a'.repeat(300_000);
const refusedForms: readonly (readonly [path: string, body: string, status: number])[] = [
  ['/viewer', 'viewer=admin', 400],
  ['/viewer', 'viewer[$ne]=x', 400],
  ['/viewer', 'viewer=member&viewer=member', 400],
  ['/viewer', '', 400],
  ['/clock', 'offset=-1', 400],
  ['/clock', 'offset=1e3', 400],
  ['/clock', 'offset=999999999', 400],
  ['/clock', 'offset=1&offset=2', 400],
  ['/article/edit', 'hero=/x', 422],
  ['/article/edit', 'hero=javascript:alert(1)&body=x', 422],
  ['/article/edit', 'hero=%22%3E%3Cscript%3E&body=x', 422],
  ['/article/edit', `hero=/x&body=${text}`, 413],
];

describe('hostile requests', () => {
  let gallery: RunningGallery;
  beforeAll(async () => {
    gallery = await startGallery();
  });
  afterAll(() => gallery?.stop());

  const ask = (path: string, request?: RawRequest): Promise<RawResponse> =>
    send(Number(new URL(gallery.address).port), path, request);
  const post = (path: string, body: string, headers: RawRequest['headers'] = form): Promise<RawResponse> =>
    ask(path, { method: 'POST', headers, body });

  it.each(noPages)('GET %s is %i', async (path, status) => {
    const answer = await ask(path);
    expect([answer.status, answer.header('x-content-type-options')]).toEqual([status, 'nosniff']);
    expect(answer.text).not.toMatch(/\bat .+:\d+:\d+|node_modules/); // no stack
  });

  it.each(refusedForms)('POST %s with %.30s is %i', async (path, body, status) => {
    const answer = await post(path, body);
    expect([answer.status, answer.header('set-cookie')]).toEqual([status, undefined]);
  });

  it.each([
    [{ ...form, 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'content-type': 'application/json' }, 400],
  ])('no form is taken with %j', async (headers, status) => {
    expect((await post('/viewer', 'viewer=member', headers)).status).toBe(status);
  });

  it.each([
    ['//evil.example/', '/'],
    ['https://evil.example/', '/'],
    ['/\\evil.example/', '/'],
    ['/\t/evil.example', '/'],
    ['javascript:alert(1)', '/'],
    ['/article?x=1', '/article?x=1'],
  ])('the switch leads back from %j to %s', async (from, location) => {
    const { status, header } = await post('/viewer', `${new URLSearchParams({ viewer: 'guest', from })}`);
    expect([status, header('location')]).toEqual([303, location]);
  });

  it('the switch sets a cookie that scripts and other sites do not get', async () => {
    const { header } = await post('/viewer', 'viewer=member&from=/article');
    const [value, ...attributes] = header('set-cookie')!.toLowerCase().split('; ');
    expect([value, ...attributes.sort()]).toEqual(['viewer=member', 'httponly', 'path=/', 'samesite=lax']);
  });

  it('what is printed is escaped', async () => {
    const { text } = await ask(`/nothing?"><script>alert(1)</script>`);
    expect(text).not.toContain('<script>');
    expect(text).toContain('&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it.each(['viewer=member2', 'xviewer=member', ';;=;viewer', '\x80\xff', 'viewer=__proto__'])(
    'the cookie %j makes nobody a member',
    async (cookie) => {
      const { status, text } = await ask('/', { headers: { cookie } });
      expect(status).toBe(200);
      expect(text).toMatch(/value="guest" aria-pressed="true"/);
    },
  );

  it('a picture is delivered with its type, for as long as the token lives, and only with a token', async () => {
    const [url = ''] = signedUrlsIn((await ask('/')).text, gallery.address);
    const path = url.slice(gallery.address.length);
    const { status, header, body } = await ask(path);
    expect([status, header('content-type'), body.toString('latin1', 8, 12)]).toEqual([
      200,
      'image/webp',
      'WEBP',
    ]);
    const [, seconds] = /^private, max-age=(\d+)$/.exec(header('cache-control') ?? '') ?? [];
    expect(Number(seconds)).toBeGreaterThan(3590);
    expect(Number(seconds)).toBeLessThanOrEqual(4500);
    const refused = await ask(withoutToken(path));
    expect([refused.status, refused.text]).toEqual([403, 'ERROR 9425: Image access denied\n']);
    expect(refused.header('cache-control')).toBe('no-store');
  });
});
