/** Views: the helpers among their data, and `rewrite.locals`. */
import { expect } from 'vitest';
import { countTokens } from '../stores/index.ts';
import type { Behaviours } from './behaviour.ts';

export const views: Behaviours = {
  'they have the helpers, and what is not to be signed comes back as it is': async (
    visit,
    { url, signer },
  ) => {
    const site = await visit('pages');
    const { text, status } = await site.ask('/view');
    expect(status).toBe(200);
    const foreign = 'https://elsewhere.example/a.png';
    const printed = [signer.signImage(url()), foreign, 'null'];
    expect(text).toBe(`<script>${printed.join(' ')}</script>`);
    const reason = 'not-a-delivery-url';
    expect(await site.told()).toEqual([
      { type: 'skipped', url: foreign, reason },
      { type: 'skipped', url: 'null', reason },
    ]);
  },

  'they have signSrcset': async (visit, { signer, url }) => {
    const { text } = await (await visit('pages')).ask('/view-of-srcset');
    expect(text).toBe(`<script>${signer.signSrcset(url())}</script>`);
  },

  'a mistake of the template is an error': async (visit) => {
    const { status } = await (await visit('pages')).ask('/view-mistake');
    expect(status).toBe(500);
    expect((await (await visit('pages')).ask('/view')).status).toBe(200);
  },

  'with rewrite.locals their data is signed, and otherwise it is not': async (visit, { url, signer }) => {
    expect(countTokens((await (await visit('pages')).ask('/view-data')).text)).toBe(0);
    const { text } = await (await visit('view-data')).ask('/view-data');
    const data = { photos: [{ image: signer.signImage(url()) }], text: `see ${url()}` };
    expect(text).toBe(`<script>${JSON.stringify(data)}</script>`);
  },
};
