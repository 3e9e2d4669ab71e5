/** `authorize` and `skip`: asked with what the framework hands to its handlers, and only `true` counts. */
import { expect } from 'vitest';
import { countTokens, withoutTokens } from '../stores/index.ts';
import type { Behaviours } from './behaviour.ts';

const member = { headers: { 'x-member': 'yes' } };
const skipped = (url: string, reason: string): object => ({ type: 'skipped', url, reason });

export const viewers: Behaviours = {
  "authorize gets the framework's own request, and is asked once for each image": async (
    visit,
    { page, tokensOfPage },
  ) => {
    const site = await visit('personal');
    const { text } = await site.ask('/', member);
    expect([withoutTokens(text), countTokens(text)]).toEqual([page, tokensOfPage]);
    expect(await site.told()).toEqual(['asked card', 'asked thumb']);
  },

  'who may not see an image gets it without a token, and each no is reported': async (
    visit,
    { page, url },
  ) => {
    const site = await visit('personal');
    expect((await site.ask('/')).text).toBe(page);
    expect(await site.told()).toEqual([
      'asked card',
      skipped(url('card'), 'not-authorized'),
      'asked thumb',
      skipped(url('thumb'), 'not-authorized'),
    ]);
  },

  'a page that hangs on the viewer is private, and has no tag and no 304': async (visit) => {
    const site = await visit('personal');
    const { header } = await site.ask('/tagged', member);
    expect([header('etag'), header('cache-control')]).toEqual([undefined, 'private, max-age=43200']);
    const tag = (await (await visit('pages')).ask('/tagged')).header('etag')!;
    for (const known of [tag, '"a"', '*']) {
      const headers = { 'if-none-match': known, accept: 'text/html', 'x-member': 'yes' };
      expect((await site.ask('/tagged', { headers })).status).toBe(200);
    }
    expect((await site.ask('/', member)).header('cache-control')).toBe('private, no-cache');
  },

  'helpers ask authorize for who gets the answer, which is private then': async (visit, { url }) => {
    const site = await visit('personal');
    const stranger = await site.ask('/helpers');
    expect([countTokens(stranger.text), JSON.parse(stranger.text)[0]]).toEqual([0, url()]);
    const got = await site.ask('/helpers', member);
    expect(countTokens(got.text)).toBeGreaterThan(1);
    for (const { header } of [stranger, got])
      expect([header('cache-control'), header('etag')]).toEqual(['private, no-cache', undefined]);
  },

  'deniedVariant is put in the place of what is refused': async (visit, { tokensOfPage, url }) => {
    const site = await visit('denied');
    const { text } = await site.ask('/');
    expect([countTokens(text), text]).toEqual([0, expect.stringContaining(`SRC=${url('preview')} `)]);
    expect(countTokens((await site.ask('/', member)).text)).toBe(tokensOfPage);
  },

  'a promise is a no, and is reported': async (visit, { page, url }) => {
    const site = await visit('answering-later');
    expect((await site.ask('/')).text).toBe(page);
    expect(await site.told()).toEqual([
      skipped(url('card'), 'authorize-not-synchronous'),
      skipped(url('thumb'), 'authorize-not-synchronous'),
    ]);
  },

  'a throw is a no, and is reported': async (visit, { page, url }) => {
    const site = await visit('throwing');
    expect((await site.ask('/')).text).toBe(page);
    expect(await site.told()).toEqual([
      { ...skipped(url('card'), 'authorize-threw'), error: {} }, // an Error in JSON
      { ...skipped(url('thumb'), 'authorize-threw'), error: {} },
    ]);
  },

  "skip gets the framework's own request, and leaves one response alone": async (
    visit,
    { page, tokensOfPage },
  ) => {
    const site = await visit('skipping');
    const left = await site.ask('/links', member);
    expect([left.text, countTokens(left.header('link')!), left.header('cache-control')]).toEqual([
      page,
      0,
      undefined,
    ]);
    expect(countTokens((await site.ask('/')).text)).toBe(tokensOfPage);
  },

  'a skip that gives a promise skips nothing, and is reported': async (visit, { tokensOfPage }) => {
    const site = await visit('skipping-wrongly');
    expect(countTokens((await site.ask('/')).text)).toBe(tokensOfPage);
    expect(await site.told()).toEqual([{ type: 'passed', reason: 'skip-not-synchronous' }]);
  },
};
