/** Redirects to an image, such as `/avatar/7`: `Location` is signed where `authorize` is asked, or where the app has said so. */
import { expect } from 'vitest';
import type { RawResponse } from '../../support/http/raw.ts';
import type { Behaviours } from './behaviour.ts';

interface Redirect {
  readonly to: string;
  readonly status?: number;
  readonly body?: 'html' | 'text';
  readonly cache?: string;
}

/** The path of a redirect, which the visitor chooses: as an open redirect does. */
function away({ to, status = 302, body, cache }: Redirect): string {
  const query = new URLSearchParams({ to, status: String(status) });
  if (body !== undefined) query.set('body', body);
  if (cache !== undefined) query.set('cache', cache);
  return `/away?${query}`;
}

const member = { 'x-member': 'yes' };
const headersOf = ({ header }: RawResponse): (string | undefined)[] => [
  header('location'),
  header('cache-control'),
  header('etag'),
];

export const redirects: Behaviours = {
  'one to an image is signed where the app says so, whatever its body is': async (visit, { url, signer }) => {
    const site = await visit('locations');
    for (const status of [301, 302, 303, 307, 308]) {
      for (const body of [undefined, 'html', 'text'] as const) {
        const got = await site.ask(away({ to: url(), status, ...(body && { body }) }));
        expect(got.status).toBe(status);
        expect(headersOf(got)).toEqual([signer.signImage(url()), 'private, no-cache', undefined]);
        expect([undefined, String(got.body.length)]).toContain(got.header('content-length'));
      }
    }
    expect(await site.told()).toEqual([]);
  },

  'a page that says the same link has the same URL': async (visit, { url, signer }) => {
    const site = await visit('locations');
    const { text } = await site.ask(away({ to: url(), body: 'html' }));
    expect(text).toContain(`<a href="${signer.signImage(url()).replaceAll('&', '&amp;')}">`);
  },

  'without authorize none is signed by itself: a visitor may choose where it leads': async (
    visit,
    { url },
  ) => {
    for (const name of ['pages', 'helpers-only'] as const) {
      const site = await visit(name);
      const got = await site.ask(away({ to: url(), cache: 'public, max-age=9' }));
      expect(headersOf(got)).toEqual([url(), 'public, max-age=9', '"a"']);
    }
  },

  'authorize is asked where it leads to, and a stranger is sent on as the app says': async (
    visit,
    { url, signer },
  ) => {
    const site = await visit('personal');
    for (const body of [undefined, 'text'] as const) {
      const path = away({ to: url('card'), ...(body && { body }) });
      expect(headersOf(await site.ask(path, { headers: member }))).toEqual([
        signer.signImage(url('card')),
        'private, no-cache',
        undefined,
      ]);
      expect(await site.told()).toEqual(['asked card']);
      expect(headersOf(await site.ask(path))).toEqual([url('card'), 'private, no-cache', undefined]);
      expect(await site.told()).toContainEqual({
        type: 'skipped',
        url: url('card'),
        reason: 'not-authorized',
      });
    }
  },

  'no cache keeps one for longer than a page': async (visit, { url }) => {
    const site = await visit('locations');
    const kept = async (cache: string, status = 301): Promise<string | undefined> =>
      (await site.ask(away({ to: url(), status, cache }))).header('cache-control');
    expect(await kept('public, max-age=31536000, immutable')).toBe('private, max-age=43200');
    expect(await kept('max-age=60')).toBe('private, max-age=60');
    expect(await kept('no-store')).toBe('no-store');
    expect(await kept('public', 308)).toBe('private, no-cache');
  },

  'a client that has its tag gets no 304': async (visit, { url, signer }) => {
    const site = await visit('locations');
    for (const accept of ['text/html', '*/*']) {
      const got = await site.ask(away({ to: url() }), { headers: { 'if-none-match': '"a"', accept } });
      expect([got.status, got.header('location')]).toEqual([302, signer.signImage(url())]);
    }
  },

  'to HEAD it says what it says to GET': async (visit, { url, signer }) => {
    const site = await visit('locations');
    for (const body of [undefined, 'html', 'text'] as const) {
      const got = await site.ask(away({ to: url(), ...(body && { body }) }), { method: 'HEAD' });
      expect(headersOf(got)).toEqual([signer.signImage(url()), 'private, no-cache', undefined]);
      expect(got.body.length).toBe(0);
    }
  },

  'one that leads elsewhere is as it was': async (visit, { url }) => {
    const site = await visit('locations');
    const { host, pathname } = new URL(url());
    const elsewhere = [
      '/login',
      pathname.slice(1), // relative to the address of the page
      `./${pathname.slice(1)}`,
      `//${host}@evil.example${pathname}`,
      `https://user:secret@${host}${pathname}`,
      `https://${host}.evil.example${pathname}`,
      `https://${host}/x/..${pathname}`,
      `/login?next=${encodeURIComponent(url())}`,
      `https:${pathname}`,
      '',
    ];
    const plain = await visit('plain');
    for (const to of elsewhere) {
      for (const body of [undefined, 'text'] as const) {
        const path = away({ to, cache: 'public, max-age=9', ...(body && { body }) });
        expect(headersOf(await site.ask(path)), to).toEqual(headersOf(await plain.ask(path)));
      }
    }
  },

  'the same field of an answer that is no redirect is as it was': async (visit, { url }) => {
    const site = await visit('locations');
    for (const status of [200, 201, 300, 305, 404]) {
      const got = await site.ask(away({ to: url(), status, body: 'text', cache: 'max-age=9' }));
      expect(headersOf(got)).toEqual([url(), 'max-age=9', '"a"']);
    }
  },

  'skip leaves it as it was': async (visit, { url, signer }) => {
    const site = await visit('skipping-locations');
    const path = away({ to: url(), cache: 'max-age=9' });
    expect((await site.ask(path)).header('location')).toBe(signer.signImage(url()));
    expect(headersOf(await site.ask(path, { headers: member }))).toEqual([url(), 'max-age=9', '"a"']);
  },

  'an image that the app has signed itself stays, and one that has an old token gets a new one': async (
    visit,
    { url, signer, hasVariants },
  ) => {
    const site = await visit('locations');
    const fresh = signer.signImage(url());
    const past = { expiresAt: 1_700_000_000 };
    const old = hasVariants
      ? signer.signImage(url(), undefined, past)
      : signer.signImage(url(), past as never);
    expect((await site.ask(away({ to: fresh }))).header('location')).toBe(fresh);
    expect((await site.ask(away({ to: old }))).header('location')).toBe(fresh);
  },
};
