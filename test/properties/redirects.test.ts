/** A redirect leads to the same image after a rewrite; one to anything else stays to the byte. */
import type { RequestListener } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { expectedOf, type Site, sites } from '../support/generators/hostile-sites.ts';
import { hostileUrl } from '../support/generators/hostile-urls.ts';
import { instant } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import { exchange } from '../support/servers/in-memory.ts';

const redirects = runs(5);

type Redirect = (location: string) => string | undefined;

/** @returns what goes out as `Location`; undefined for what Node refuses as the value of a header */
function redirecting({ signer }: Site): Redirect {
  const options = { signer, rewrite: { location: true }, report: false };
  const sign = imageSigner(options as unknown as ImageSignerOptions);
  return (location) => {
    let isRefused = false;
    const listener: RequestListener = (request, response) =>
      sign(request, response, () => {
        response.statusCode = 302;
        try {
          response.setHeader('Location', location);
        } catch {
          isRefused = true;
        }
        response.end();
      });
    const { headers } = exchange(listener, {}, () => instant);
    return isRefused ? undefined : headers['location'];
  };
}

test(`${redirects} redirects`, () => {
  const senders = sites.map((site) => ({ site, redirect: redirecting(site) }));
  const counts = { changed: 0, kept: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...senders), fc.nat(), ({ site, redirect }, at) => {
      const plain = hostileUrl(at, site.heads).trimEnd(); // as a field's value is read
      for (const location of [plain, encodeURI(plain), new URL(plain, 'https://imagedelivery.net').href]) {
        const out = redirect(location);
        if (out === undefined) continue;
        expect(out, `redirect ${at} to ${location}`).toBe(expectedOf(site, location).trimEnd());
        counts[out === location ? 'kept' : 'changed']++;
      }
    }),
    { numRuns: redirects },
  );
  expect(counts.changed).toBeGreaterThan(redirects / 3);
  expect(counts.kept).toBeGreaterThan(redirects / 10);
});
