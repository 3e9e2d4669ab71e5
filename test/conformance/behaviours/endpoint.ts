/** `signingEndpoint` at `/sign`: one line or one object for whatever it is asked, never stored, and never an error. */
import { expect } from 'vitest';
import type { RawRequest, RawResponse } from '../../support/http/raw.ts';
import { id, otherAccount } from '../../support/samples.ts';
import { byPath, byQuery, post } from '../../support/servers/endpoint.ts';
import { expiryOf, type Subject } from '../subject.ts';
import type { Behaviours } from './behaviour.ts';

const member = { 'x-member': 'yes' };
const line = {
  noImage: 'Expected the delivery URL of an image.',
  notAllowed: 'This image is not signed for you.',
};

function signedBy({ signer, url }: Subject): { signed: string; expiresAt: number } {
  const signed = signer.signImage(url());
  return { signed, expiresAt: expiryOf(signed, signer) };
}

function expectPlain({ header, isComplete }: RawResponse): void {
  expect([isComplete, header('cache-control'), header('x-content-type-options')]).toEqual([
    true,
    'no-store',
    'nosniff',
  ]);
  expect([header('location'), header('etag')]).toEqual([undefined, undefined]);
}

export const endpoint: Behaviours = {
  'one URL is signed, behind the path or in the query, slashes merged or not': async (visit, subject) => {
    const { url } = subject;
    const { signed } = signedBy(subject);
    const site = await visit('endpoint');
    const everyCharacter = [...url()].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('');
    const merged = byPath(url().replace('//', '/'));
    const queries = [
      byQuery(url()),
      byQuery(url()).replace('?', '/?'),
      `/sign?url=${url()}`,
      byQuery(signed),
    ];
    for (const target of [byPath(url()), merged, ...queries, byPath(signed), `/sign?url=${everyCharacter}`]) {
      const response = await site.ask(target, { headers: member });
      expect([target, response.status, response.text]).toEqual([target, 200, signed]);
      expect(response.header('content-type')).toBe('text/plain; charset=utf-8');
      expect(response.header('vary')).toBe('Accept');
      expectPlain(response);
    }
  },

  'an image by another name, or with what a store lets stand beside a token, is signed as signImage does it':
    async (visit, { url, signer }) => {
      const site = await visit('endpoint');
      const names = ['media/a/b', '100%25%20gr%C3%BCn', 'a'.repeat(900)];
      for (const image of [`${url()}?v=3&w=a%20b`, ...names.map((name) => url('thumb', name))])
        for (const target of [byPath(image), byQuery(image)]) {
          const { status, text } = await site.ask(target, { headers: member });
          expect([target, status, text]).toEqual([target, 200, signer.signImage(image)]);
        }
      const open = url().replace('https:', '');
      expect((await site.ask(byQuery(open), { headers: member })).text).toBe(signer.signImage(open));
    },

  'what is always public comes without its token, and is asked of nobody': async (visit, { url }) => {
    const site = await visit('endpoint');
    expect((await site.ask(byPath(`${url('preview')}?exp=1&sig=2`))).text).toBe(url('preview'));
    const { text } = await site.ask(byQuery(url('preview')), { headers: { accept: 'application/json' } });
    expect(JSON.parse(text)).toEqual({ url: url('preview') });
  },

  'an image takes GET and HEAD, and the endpoint POST as well': async (visit, { url }) => {
    const site = await visit('endpoint');
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'POST']) {
      const body = '{}';
      const headers = { 'x-http-method-override': 'GET', 'content-type': 'application/json' };
      const image = await site.ask(byPath(url()), { method, headers, body });
      expect([method, image.status, image.header('allow')]).toEqual([method, 405, 'GET, HEAD']);
      expectPlain(image);
      if (method === 'POST') continue;
      const own = await site.ask('/sign', { method });
      expect([method, own.status, own.header('allow')]).toEqual([method, 405, 'GET, HEAD, POST']);
      expectPlain(own);
    }
    const open = await (await visit('endpoint-for-others')).ask('/sign', { method: 'PUT' });
    expect([open.status, open.header('allow')]).toEqual([405, 'GET, HEAD, POST, OPTIONS']);
  },

  'a client that wants JSON gets JSON': async (visit, subject) => {
    const { url } = subject;
    const { signed, expiresAt } = signedBy(subject);
    const site = await visit('endpoint');
    const headers = { ...member, accept: 'application/json' };
    for (const target of [byPath(url()), byQuery(url())]) {
      const response = await site.ask(target, { headers });
      expect([response.status, JSON.parse(response.text)]).toEqual([200, { url: signed, expiresAt }]);
      expect([response.header('content-type'), response.header('vary')]).toEqual([
        'application/json',
        'Accept',
      ]);
      expectPlain(response);
    }
  },

  'HEAD has the headers of GET, and no body': async (visit, subject) => {
    const { url } = subject;
    const { signed } = signedBy(subject);
    const site = await visit('endpoint');
    const get = await site.ask(byPath(url()), { headers: member });
    const head = await site.ask(byPath(url()), { method: 'HEAD', headers: member });
    expect([head.status, head.body.length, head.header('content-type')]).toEqual([
      200,
      0,
      get.header('content-type'),
    ]);
    expect([undefined, String(signed.length)]).toContain(head.header('content-length'));
    expectPlain(head);
  },

  'a batch answers for the good ones, and says of the others why not': async (visit, subject) => {
    const { hasVariants, url } = subject;
    const { signed, expiresAt } = signedBy(subject);
    const urls = [url(), 'https://elsewhere.example/x', url('huge'), url('preview'), '__proto__'];
    const response = await (await visit('endpoint')).ask('/sign', post({ urls }, member));
    expect(response.status).toBe(200);
    const answers = new Map(Object.entries(JSON.parse(response.text).urls));
    expect([...answers]).toEqual([
      [url(), { url: signed, expiresAt }],
      ['https://elsewhere.example/x', { error: line.noImage }],
      [url('huge'), { error: hasVariants ? line.notAllowed : line.noImage }],
      [url('preview'), hasVariants ? { url: url('preview') } : { error: line.noImage }],
      ['__proto__', { error: line.noImage }],
    ]);
    expectPlain(response);
  },

  'only true of an asynchronous authorize signs; a no and a rejection are told alike, and reported': async (
    visit,
    { url },
  ) => {
    const site = await visit('endpoint');
    for (const [who, reason] of [
      ['no', 'not-authorized'],
      ['nearly', 'not-authorized'],
      ['unknown', 'authorize-threw'],
    ] as const) {
      const response = await site.ask(byPath(url()), { headers: { 'x-member': who } });
      expect([response.status, response.text]).toEqual([403, `${line.notAllowed}\n`]);
      expectPlain(response);
      const error = reason === 'authorize-threw' ? {} : undefined; // an Error in JSON
      expect(await site.told()).toEqual([{ type: 'refused', url: url(), reason, error }]);
    }
  },

  'a body of more than 64 KiB, more than 100 URLs and other types are refused': async (visit, { url }) => {
    const site = await visit('endpoint');
    const batch = JSON.stringify({ urls: [url()] });
    for (const [request, status] of [
      [post(batch + ' '.repeat(64 * 1024), member), 413],
      [post({ urls: Array.from({ length: 101 }, () => url()) }, member), 413],
      [post(batch, { ...member, 'content-type': 'text/plain' }), 415],
      [post(batch, { ...member, 'content-type': 'application/x-www-form-urlencoded' }), 415],
      [post(batch, { ...member, 'content-encoding': 'gzip' }), 415],
      [post('{ "urls": ', member), 400],
      [post({ urls: [1] }, member), 400],
      [post('null', member), 400],
      [{ method: 'PUT', headers: member }, 405],
    ] as [RawRequest, number][]) {
      const response = await site.ask('/sign', request);
      expect(response.status, request.body?.slice(0, 50)).toBe(status);
      if (status === 405) expect(response.text).toMatch(/^[^\n]+\n$/);
      else expect(JSON.parse(response.text)).toEqual({ error: expect.stringMatching(/^Expected [^\n]*\.$/) });
      expectPlain(response);
    }
  },

  'other sites may read, and ask before, only where origins names them': async (visit, { url }) => {
    const [closed, open] = [await visit('endpoint'), await visit('endpoint-for-others')];
    const origin = 'https://shop.example';
    const asks = {
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    };
    const fieldsFor = ({ headers }: RawResponse): unknown =>
      Object.fromEntries(headers.filter(([name]) => name.startsWith('access-control') || name === 'vary'));
    const read = async (from: string, site = open, image = url()): Promise<unknown> =>
      fieldsFor(await site.ask(byPath(image), { headers: { ...member, origin: from } }));
    const preflight = (from: string): Promise<RawResponse> =>
      open.ask('/sign', { method: 'OPTIONS', headers: { origin: from, ...asks } });
    expect(await read(origin, closed)).toEqual({ vary: 'Accept' });
    const allowed = { 'access-control-allow-origin': origin, 'access-control-allow-credentials': 'true' };
    for (const image of [url(), 'https://evil.example'])
      expect(await read(origin, open, image)).toEqual({
        ...allowed,
        vary: 'Accept, Origin',
        'access-control-expose-headers': 'Age, Date',
      });
    const before = await preflight(origin);
    expect([before.status, before.body.length]).toEqual([204, 0]);
    expectPlain(before);
    expect(fieldsFor(before)).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, HEAD, POST',
      'access-control-allow-headers': 'authorization,content-type',
      vary: 'Origin',
    });
    for (const from of [
      'https://evil.example',
      'https://shop.example.evil.example',
      'https://a.shop.example',
      'https://shop.example:8443',
      'http://shop.example',
      'https://SHOP.example',
      'https://shop.example/',
      'null',
      'https://shop.example, https://evil.example',
    ]) {
      const none = { vary: expect.stringContaining('Origin') };
      expect([from, await read(from), fieldsFor(await preflight(from))]).toEqual([from, none, none]);
    }
  },

  'scripts of its own site, and of those that origins name, can read the clock of the server': async (
    visit,
    { url },
  ) => {
    for (const [name, origin] of [
      ['endpoint', undefined],
      ['endpoint-for-others', 'https://shop.example'],
    ] as const) {
      const site = await visit(name);
      for (const target of [byPath(url()), byPath('x')]) {
        const headers = origin === undefined ? member : { ...member, origin };
        const { header } = await site.ask(target, { headers });
        expect(header('access-control-expose-headers')).toBe(origin && 'Age, Date');
        expect(Date.parse(header('date') ?? '')).not.toBeNaN();
      }
    }
  },

  'whatever it is asked, nothing else is signed, and none of it is an error of the server': async (
    visit,
    { name, url },
  ) => {
    const [site, plain] = [await visit('endpoint'), await visit('plain')];
    const { host } = new URL(url());
    const images = [
      'https://evil.example/a/b/thumb',
      `https://evil.example/${url()}`,
      url().replace('//', '//me@'),
      url().replace(host, `${host}:8443`),
      url().replace(host, `${host}.evil.example`),
      url('thumb', '%2e%2e'),
      url('thumb', `../${id}`),
      `${url()}/`,
      // Keys of S3 may have any name. Cloudflare signs them in another spelling.
      ...(name === 's3' ? [] : [url('thumb', 'a%2Cb'), url('thumb', '%')]),
      'https:imagedelivery.net/a/b/thumb',
      `https://${url().slice('https://'.length).replaceAll('/', '\\')}`,
      url().replace('//', '///'),
      encodeURIComponent(url()),
      'javascript:alert(1)',
      'data:image/png;base64,AAAA',
      '//evil.example/a/b/thumb',
      '__proto__',
      url('__proto__'),
      url('constructor'),
      url('huge'),
      url('thumb', id, otherAccount),
      url('thumb', 'a%00b'),
      url('thumb', 'a%0Ab'),
      url('thumb', '%ff'),
    ];
    const named = [...images.map(byPath), ...[...images, ` ${url()} `, `${url()}\n`].map(byQuery)];
    named.push('/sign?url', '/sign?url=%', '/sign?url=%ff', `/sign?url=${'a'.repeat(10_000)}`);
    const targets = [
      ...named,
      '/sign',
      '/sign/',
      '/sign?',
      `/sign?url=${url()}&url=${url('card')}`,
      `/sign?url[]=${url()}`,
    ];
    for (const target of targets) {
      // The server itself may take no such target.
      if ((await plain.ask(target)).status === 400) continue;
      const response = await site.ask(target, { headers: member });
      const unnamed = expect.stringMatching(/^Expected the URL of an image /);
      const lines = { 400: named.includes(target) ? line.noImage : unnamed };
      const expected = { ...lines, 403: line.notAllowed }[response.status];
      expect([target, response.text.replace(/\n$/, '')]).toEqual([target, expected]);
      expect(response.text, target).not.toMatch(/sig=|signature=|token=|evil|for-tests/i);
      expectPlain(response);
    }
  },

  "other paths are the site's": async (visit) => {
    const site = await visit('endpoint');
    expect((await site.ask('/nowhere')).status).toBe(404);
    expect((await site.ask('/')).status).toBe(200);
  },
};
