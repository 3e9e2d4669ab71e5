/** `signImage`, `signSrcset` and `signData`, where the framework's own request has them. */
import { expect } from 'vitest';
import { callHelpers, dataOf } from '../sites/helpers.ts';
import { countTokens } from '../stores/index.ts';
import type { Behaviours } from './behaviour.ts';

export const helpers: Behaviours = {
  'they give what the signer gives, and throw as it does': async (visit, subject) => {
    const expected = callHelpers(subject.signer, subject);
    expect(expected.slice(0, 2).map(countTokens)).toEqual([1, 1]);
    expect(expected.slice(2)).toEqual([
      subject.hasVariants ? subject.signer.signSrcset(subject.url()) : 'VARIANT_REQUIRED',
      'NOT_A_DELIVERY_URL',
    ]);
    for (const name of ['pages', 'helpers-only', 'twice'] as const) {
      expect(JSON.parse((await (await visit(name)).ask('/helpers')).text)).toEqual(expected);
    }
  },

  'data is signed as the signer does it, in an answer that nobody rewrites': async (visit, subject) => {
    const expected = subject.signer.signData(dataOf(subject.url), { fields: { text: 'html' } });
    expect(countTokens(JSON.stringify(expected))).toBe(2);
    for (const name of ['pages', 'with-json', 'helpers-only'] as const) {
      const { text, header } = await (await visit(name)).ask('/data');
      expect(JSON.parse(text)).toEqual(expected);
      if (name !== 'helpers-only') expect(header('cache-control')).toBe('public, max-age=43200');
    }
  },

  'data asks authorize for who gets the answer, which is private then': async (visit, { url }) => {
    const site = await visit('personal');
    const stranger = await site.ask('/data');
    expect(JSON.parse(stranger.text)).toEqual(dataOf(url));
    const got = await site.ask('/data', { headers: { 'x-member': 'yes' } });
    expect(countTokens(got.text)).toBe(2);
    for (const { header } of [stranger, got]) expect(header('etag')).toBeUndefined();
    expect(stranger.header('cache-control')).toBe('private, max-age=31536000');
    expect(got.header('cache-control')).toBe('private, max-age=43200');
  },

  'data for which the app has decided stays in the page, which lives as long as it does': async (
    visit,
    { url, signer },
  ) => {
    const signed = signer.signData(url(), { ttl: 600 });
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true });
    const { text, header } = await (await visit('personal')).ask('/decided-data');
    expect(text).toBe(`<img src="${signed}"><img src="${url('card')}">`);
    expect([header('cache-control'), header('etag')]).toEqual(['private, max-age=300', undefined]);
    const open = await (await visit('pages')).ask('/decided-data');
    expect(open.text).toContain(signed);
    expect([open.header('cache-control'), open.header('etag')]).toEqual(['max-age=300', undefined]);
  },

  'what they have given out stays in the page as it is': async (visit, { url, signer }) => {
    const { text } = await (await visit('pages')).ask('/helped');
    const signedInPage = signer.rewriteHtml(`<img src="${url('card')}">`);
    expect(text).toBe(`<img src="${signer.signImage(url())}">${signedInPage}`);
  },

  'a URL that lives shorter cuts the lifetime of its page, and takes its tag off': async (
    visit,
    { url, signer },
  ) => {
    const { header, text } = await (await visit('pages')).ask('/short-lived');
    expect(text).toContain(signer.signImage(url('card'), undefined, { ttl: 600 }));
    expect(header('etag')).toBeUndefined();
    expect(header('cache-control')).toBe('max-age=300');
  },
};
