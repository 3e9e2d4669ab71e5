/** Validators and lifetimes: no visitor and no cache keeps a page for longer than its images live. */
import { expect } from 'vitest';
import type { RawResponse } from '../../support/http/raw.ts';
import { countTokens, withoutTokens } from '../stores/index.ts';
import type { Subject } from '../subject.ts';
import type { Visitor } from '../visitor.ts';
import type { Behaviours } from './behaviour.ts';

/** In seconds: a quarter of the ttl of a day. All clocks stand in the middle of one. */
const step = 6 * 3600;
const boundTag = /^W\/".*-is\.[0-9a-f]{24}"$/;

async function revisit(
  site: Visitor,
  path: string,
  tag: string,
  accept: string,
  { page, tokensOfPage }: Subject,
): Promise<number> {
  const { status, text, header } = await site.ask(path, { headers: { 'if-none-match': tag, accept } });
  if (status === 304) expect([text, header('etag')]).toEqual(['', tag]);
  else expect([status, withoutTokens(text), countTokens(text)]).toEqual([200, page, tokensOfPage]);
  return status;
}

export const caching: Behaviours = {
  'a tag goes out weak and bound, and brings a 304 within the step and a page after it': async (
    visit,
    subject,
  ) => {
    for (const name of ['pages', 'twice'] as const) {
      const site = await visit(name);
      const tag = (await site.ask('/tagged')).header('etag')!;
      expect(tag).toMatch(/^W\/"a-is\.[0-9a-f]{24}"$/);
      for (const accept of ['text/html', '*/*']) {
        await site.setClock(0);
        expect(await revisit(site, '/tagged', tag, accept, subject)).toBe(304);
        await site.setClock(step);
        expect(await revisit(site, '/tagged', tag, accept, subject)).toBe(200);
      }
    }
  },

  "the framework's own tags bring a 304 within the step, and a page after it": async (visit, subject) => {
    const site = await visit('with-tags');
    const tag = (await site.ask('/sent')).header('etag')!;
    expect(tag).toMatch(boundTag);
    for (const accept of ['text/html', '*/*']) {
      await site.setClock(0);
      expect(await revisit(site, '/sent', tag, accept, subject)).toBe(304);
      await site.setClock(step);
      expect(await revisit(site, '/sent', tag, accept, subject)).toBe(200);
      expect(await revisit(site, '/sent', '"another"', accept, subject)).toBe(200);
    }
  },

  "the framework's own tag, from before pages were signed, brings a page": async (visit, subject) => {
    const tag = (await (await visit('plain-with-tags')).ask('/sent')).header('etag')!;
    expect(tag).toMatch(/^(?:W\/)?".+"$/);
    const site = await visit('with-tags');
    for (const accept of ['text/html', '*/*'])
      expect(await revisit(site, '/sent', tag, accept, subject)).toBe(200);
  },

  'a 304 says of its lifetime what the page has said': async (visit) => {
    const site = await visit('pages');
    const { header } = await site.ask('/tagged');
    const again = await site.ask('/tagged', { headers: { 'if-none-match': header('etag')! } });
    expect([again.status, again.header('cache-control')]).toEqual([304, 'public, max-age=43200']);
    expect(header('cache-control')).toBe('public, max-age=43200');
  },

  'a tag that is not ours brings a page to a browser': async (visit, subject) => {
    const site = await visit('pages');
    for (const tag of ['"a"', 'W/"a"', '*', 'W/"a-is.000000000000000000000000"', '"b", "a"'])
      expect(await revisit(site, '/tagged', tag, 'text/html', subject)).toBe(200);
  },

  'lifetimes are cut to half of the ttl, and none is made longer': async (visit) => {
    const site = await visit('pages');
    for (const [name, given, expected] of [
      ['Cache-Control', 'public, max-age=31536000, immutable', 'public, max-age=43200'],
      ['Cache-Control', 'max-age=60', 'max-age=60'],
      ['Cache-Control', 'no-store', 'no-store'],
      ['Cache-Control', 's-maxage=99999999, max-age=5', 's-maxage=43200, max-age=5'],
      ['CDN-Cache-Control', 'max-age=99999999', 'max-age=43200'],
      ['Cloudflare-CDN-Cache-Control', 'max-age=99999999', 'max-age=43200'],
      ['Surrogate-Control', 'max-age=99999999', 'max-age=43200'],
      ['X-Accel-Expires', '99999999', '43200'],
      ['Expires', 'Fri, 01 Jan 2100 00:00:00 GMT', 'Tue, 22 Sep 2026 02:13:20 GMT'],
    ] as const) {
      const { header } = await site.ask(`/kept?${name}=${encodeURIComponent(given)}`);
      expect(header(name), `${name}: ${given}`).toBe(expected);
    }
  },

  'where the app names no lifetime, no-cache goes out': async (visit) => {
    const site = await visit('pages');
    expect((await site.ask('/')).header('cache-control')).toBe('no-cache');
    expect((await site.ask('/kept?Cache-Control=public')).header('cache-control')).toBe('public, no-cache');
  },

  'a range of a page is the page': async (visit, { tokensOfPage }) => {
    const { status, text } = await (await visit('pages')).ask('/', {
      headers: { range: 'bytes=0-9', 'if-range': '"a"', accept: 'text/html' },
    });
    expect([status, countTokens(text)]).toEqual([200, tokensOfPage]);
  },

  'a QUERY has its conditions, as a GET has': async (visit, { page }) => {
    const site = await visit('pages');
    const type = { 'content-type': 'application/json' };
    const ask = (conditions: object): Promise<RawResponse> =>
      site.ask('/tagged', { method: 'QUERY', body: '{"a":1}', headers: { ...type, ...conditions } });
    const tag = (await ask({})).header('etag')!;
    expect(tag).toMatch(boundTag);
    const same = await ask({ 'if-none-match': tag });
    expect([same.status, same.header('etag'), same.text]).toEqual([304, tag, '']);
    const date = { 'if-modified-since': 'Fri, 01 Jan 2100 00:00:00 GMT' };
    expect((await ask({ ...date, accept: 'text/html' })).status).toBe(200);
    await site.setClock(step);
    const later = await ask({ 'if-none-match': tag, ...date });
    expect([later.status, withoutTokens(later.text)]).toEqual([200, page]);
  },

  'a request that changes something keeps its conditions': async (visit) => {
    const site = await visit('pages');
    const headers = { 'if-match': '"a"', 'if-none-match': '"b"', accept: 'text/html' };
    await site.ask('/method', { method: 'PUT', headers });
    expect(await site.told()).toEqual(['PUT /method "b" "a"']);
  },

  'what is no page keeps its tag and its 304': async (visit) => {
    const site = await visit('pages');
    const { header } = await site.ask('/picture');
    expect(header('etag')).toBe('"a"');
    const again = await site.ask('/picture', { headers: { 'if-none-match': '"a"', accept: 'image/*' } });
    expect([again.status, again.header('etag')]).toEqual([304, '"a"']);
  },
};
