/** `signImage` and `signSrcset`, where the framework's own request has them. */
import { expect } from 'vitest';
import { signerWith, url } from '../../support/samples.ts';
import type { Behaviours } from './behaviour.ts';

const signer = signerWith();

export const helpers: Behaviours = {
  'they give what the signer gives, and throw as it does': async (visit) => {
    for (const name of ['pages', 'helpers-only', 'twice'] as const) {
      expect(JSON.parse((await (await visit(name)).ask('/helpers')).text)).toEqual([
        signer.signImage(url()),
        signer.signImage(url(), 'card', { ttl: '1h' }),
        signer.signSrcset(url()),
        'NOT_A_DELIVERY_URL',
      ]);
    }
  },

  'what they have given out stays in the page as it is': async (visit) => {
    const { text } = await (await visit('pages')).ask('/helped');
    const signedInPage = signer.rewriteHtml(`<img src="${url('card')}">`);
    expect(text).toBe(`<img src="${signer.signImage(url())}">${signedInPage}`);
  },

  'a URL that lives shorter cuts the lifetime of its page, and takes its tag off': async (visit) => {
    const { header, text } = await (await visit('pages')).ask('/short-lived');
    expect(text).toContain(signer.signImage(url(), 'card', { ttl: 600 }));
    expect(header('etag')).toBeUndefined();
    expect(header('cache-control')).toBe('max-age=300');
  },
};
