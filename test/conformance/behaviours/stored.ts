/** What was stored under another base goes out under the one that it is delivered from. */
import { expect } from 'vitest';
import { storedPage } from '../sites/contents.ts';
import type { Behaviours } from './behaviour.ts';

export const stored: Behaviours = {
  'a URL under another base goes out signed under its own: in pages and streams, in Link and JSON, from helpers':
    async (visit, { signer, url }) => {
      const site = await visit('stored');
      const signed = signer.signImage(url());
      const page = await site.ask('/stored');
      expect(page.text).toBe(signer.rewriteHtml(storedPage(url())) + signed);
      expect(page.header('link')).toBe(`<${signed}>; rel=preload; as=image`);
      expect((await site.ask('/stored-in-parts')).text).toBe(signer.rewriteHtml(storedPage(url())));
      expect(JSON.parse((await site.ask('/stored-as-json')).text)).toEqual({ image: signed });
      expect(await site.told()).toEqual([]);
    },

  'authorize is asked about the image under its own base, and a refused one leaves under it without a token':
    async (visit, { signer, url }) => {
      const site = await visit('stored-and-personal');
      expect((await site.ask('/stored-in-parts')).text).toBe(storedPage(url()));
      const told = (await site.told()).filter((each) => typeof each === 'string');
      expect([...new Set(told)]).toEqual([url()]);
      const member = await site.ask('/stored-in-parts', { headers: { 'x-member': 'yes' } });
      expect(member.text).toBe(signer.rewriteHtml(storedPage(url())));
      expect(member.header('cache-control')).toMatch(/private/);
    },
};
