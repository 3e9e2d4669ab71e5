/** What a tag of a page is bound to, and the spellings in which it comes back. A tag that does not hold brings the page. */
import { join } from 'node:path';
import type { RequestHandler } from 'express';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { ImageSignerOptions } from '../../src/index.ts';
import { accountHash, base, otherAccount, withoutTokens } from '../support/samples.ts';
import {
  type CreateExpress,
  createFolder,
  expresses,
  page,
  siteOf,
  staticFile,
  type Way,
  waysOf,
} from '../support/servers/express-site.ts';
import { withSite } from '../support/servers/frameworks.ts';
import { conditionalSite, expectWholePage, get, type SiteOptions } from './conditional.ts';

const folder = createFolder();
afterAll(() => folder.remove());
const site = (create: CreateExpress, way: Way, options: SiteOptions = {}) =>
  conditionalSite(create, folder.path, way, options);

describe.each(expresses)('%s', (_name, create) => {
  const whole = waysOf(create, folder.path)[0]!;
  const variants = base.variants as object;

  test.each<[what: string, before: object, after: object]>([
    ['the key', {}, { key: 'another' }],
    ['the first of the keys', { key: [base.key, 'b'] }, { key: ['b', base.key] }],
    ['the ttl', {}, { ttl: '2d' }],
    ['the step', {}, { stableFor: '5h' }],
    ['the allowlist', {}, { variants: { thumb: {} } }],
    ["a variant's ttl", {}, { variants: { ...variants, card: { ttl: '1h' } } }],
    ['what is always public', {}, { variants: { ...variants, card: { alwaysPublic: true } } }],
    ['the account', { accountHash }, { accountHash: otherAccount }],
    ['the delivery', {}, { delivery: 'https://images.example' }],
    ['the attributes', {}, { attributes: { hero: 'url' } }],
    ['the parts', {}, { rewrite: { json: true } }],
  ])('a change of %s: the old tag brings the new page', async (_what, before, after) => {
    const tagOf = async (port: number) => (await get(port)).header('etag')!;
    const tag = await withSite(site(create, whole, { options: before }), tagOf);
    await withSite(site(create, whole, { options: after }), async (port) => {
      for (const accept of ['*/*', 'text/html']) {
        const response = await get(port, { accept, 'if-none-match': tag });
        expect(response.status).toBe(200);
        expect(withoutTokens(response.text)).toBe(page);
        expect(response.header('etag')).not.toBe(tag);
      }
    });
    await withSite(site(create, whole, { options: before }), async (port) => {
      expect((await get(port, { 'if-none-match': tag })).status).toBe(304);
    });
  });

  test('a new version of the package: the old tag brings the new page', async () => {
    const tag = await withSite(site(create, whole), async (port) => (await get(port)).header('etag')!);
    vi.resetModules();
    vi.doMock('../../src/version.ts', () => ({ version: '99.0.0' }));
    const next = await import('../../src/index.ts');
    vi.doUnmock('../../src/version.ts');
    const app = siteOf(create, folder.path, [next.imageSigner(base as ImageSignerOptions)], [whole]);
    await withSite(app, async (port) => {
      expectWholePage(await get(port, { 'if-none-match': tag }), tag);
      expect((await get(port, { 'if-none-match': tag.replace('W/', '') })).status).toBe(200);
    });
  });

  test.each<[title: string, spelled: (tag: string) => string, status: number]>([
    ['as it came', (tag) => tag, 304],
    ['strong, as some caches send it', (tag) => tag.replace('W/', ''), 304],
    ['in a list', (tag) => `"a", W/"b,c", ${tag}, "d"`, 304],
    ['in a list without spaces', (tag) => `"a",${tag}`, 304],
    ['with white space around it', (tag) => `  ${tag}\t`, 304],
    ['with -gzip within the quotes, as Apache writes', (tag) => tag.replace(/"$/, '-gzip"'), 200],
    ['with ;br within the quotes', (tag) => tag.replace(/"$/, ';br"'), 200],
    ['with --gzip within the quotes, as Jetty writes', (tag) => tag.replace(/"$/, '--gzip"'), 200],
    ['cut short', (tag) => tag.replace(/.{4}"$/, '"'), 200],
    ['in capitals', (tag) => tag.toUpperCase().replace('-IS.', '-is.'), 200],
    ['with the suffix alone', (tag) => tag.replace(/".*-is/, '"-is'), 200],
    ['with the suffix twice', (tag) => tag.replace(/(-is\.[0-9a-f]+)"/, '$1$1"'), 200],
    ['forged', (tag) => tag.replace(/[0-9a-f]{24}"$/, `${'0'.repeat(24)}"`), 200],
    ['of another page', (tag) => tag.replace(/"[^"]*-is/, '"3-other-is'), 200],
  ])('a tag of ours %s', async (_title, spelled, status) => {
    await withSite(site(create, whole), async (port) => {
      const tag = (await get(port)).header('etag')!;
      for (const accept of ['*/*', 'text/html']) {
        const response = await get(port, { accept, 'if-none-match': spelled(tag) });
        expect(response.status).toBe(status);
        expect(response.header('etag')).toBe(tag);
      }
    });
  });

  test.each(['PUT', 'POST', 'DELETE', 'PATCH'])(
    "%s: If-Match and If-None-Match are the app's, tags of ours included",
    async (method) => {
      const seen: unknown[] = [];
      const route: RequestHandler = (request, response) => {
        response.type('html');
        seen.push(request.headers['if-match'], request.headers['if-none-match'], request.headers.range);
        response.send(page);
      };
      await withSite(site(create, { title: '', isPage: true, route }), async (port) => {
        const tag = (await get(port)).header('etag')!;
        seen.length = 0;
        const tags = { 'if-match': '"v1"', 'if-none-match': `*, ${tag}` };
        const sent = { ...tags, range: 'bytes=0-1', accept: 'text/html' };
        const response = await get(port, sent, method);
        expect(seen).toEqual([sent['if-match'], sent['if-none-match'], sent.range]);
        expectWholePage(response, method);
      });
    },
  );

  test('the life that express.static and res.sendFile write after us is cut', async () => {
    const options = { maxAge: '1y', immutable: true };
    const routes: RequestHandler[] = [
      staticFile(create, folder.path, 'page.html', options),
      (_, response) => response.sendFile(join(folder.path, 'page.html'), options),
    ];
    for (const route of routes) {
      await withSite(site(create, { title: '', isPage: true, route }), async (port) => {
        const first = await get(port);
        expect(first.header('cache-control')).toBe('public, max-age=43200');
        const again = await get(port, { 'if-none-match': first.header('etag')! });
        expect([again.status, again.header('cache-control')]).toEqual([304, 'public, max-age=43200']);
      });
    }
  });
});
