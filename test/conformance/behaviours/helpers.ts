/** `signImage` and `signSrcset`, where the framework's own request has them. */
import { expect } from 'vitest';
import { callHelpers } from '../sites/helpers.ts';
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
