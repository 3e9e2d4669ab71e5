/** Which token a page keeps: one that outlasts every page that holds it, and a `304` may renew a page until its step ends. */
import { expect, test } from 'vitest';
import { signerWith, url } from '../support/samples.ts';

const day = 86_400;
const start = 20_717 * day;
/** The step is as long as the ttl, and has just begun. Pages are kept for half of the ttl. */
const options = { ttl: '1d', stableFor: '1d', now: () => (start + 10) * 1_000 } as const;
/** What every page of this step gets. */
const fresh = signerWith(options).signImage(url());
/** By another process: this one knows nothing of it. */
const signedUntil = (expiresAt: number): string =>
  signerWith(options).signImage(url(), undefined, { expiresAt });
const pageOf = (src: string): string => `<img src="${src.replaceAll('&', '&amp;')}">`;

test.each([
  ['for less than the ttl is replaced', start + day, false],
  [
    'for the ttl, but not for a page that is renewed at the end of the step, is replaced',
    start + day + 11,
    false,
  ],
  ['until right before such a page is dropped is replaced', start + 1.5 * day - 1, false],
  ['until such a page is dropped stays', start + 1.5 * day, true],
])('a token that is valid %s', (_, expiresAt, stays) => {
  const stored = signedUntil(expiresAt);
  expect(signerWith(options).rewriteHtml(pageOf(stored))).toBe(pageOf(stays ? stored : fresh));
});
