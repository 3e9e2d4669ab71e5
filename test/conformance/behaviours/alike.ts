/** All servers answer alike: what each sends is what the signer makes of the page, to the byte. */
import { expect } from 'vitest';
import { nastyDocument } from '../../support/generators/nasty-documents.ts';
import { seed } from '../../support/seed.ts';
import type { Behaviours } from './behaviour.ts';

const atATime = 20;

export const alike: Behaviours = {
  'the page of the suite, whole and in parts': async (visit, { page, signer }) => {
    const site = await visit('pages');
    const expected = signer.rewriteHtml(page);
    for (const path of ['/', '/bytes', '/parts', '/error', '/links', '/cookies'])
      expect((await site.ask(path)).text).toBe(expected);
  },

  'random pages': async (visit, { name, signer, url }) => {
    const pages = name === 'cloudflare' ? 200 : 20;
    const site = await visit('pages');
    for (let start = 0; start < pages; start += atATime) {
      const seeds = Array.from({ length: atATime }, (_, index) => seed + start + index);
      const bodies = await Promise.all(seeds.map((each) => site.ask(`/nasty?seed=${each}`)));
      for (const [index, { body, isComplete }] of bodies.entries()) {
        const expected = signer.rewriteHtml(nastyDocument(seeds[index]!, url));
        expect([isComplete, body.toString()]).toEqual([true, Buffer.from(expected).toString()]);
      }
    }
  },
};
