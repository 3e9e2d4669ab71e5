/**
 * Whatever a client asks for, only the bytes of images in the folder come out: of files outside, hidden ones and those that are
 * no images, not one. All requests have valid tokens, or need none: the token is no part of this.
 */
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PictureFolder } from '../../src/delivery/picture-folder.ts';
import { accountHash } from '../support/samples.ts';
import { runs } from '../support/seed.ts';
import {
  closeSites,
  type DeliverySite,
  deliverySite,
  newFolder,
  photo,
  writeFiles,
} from '../support/servers/delivery-site.ts';

const canary = 'CANARY-7f3a';
/** As an image, so that its kind alone does not keep it in. */
const image = `<svg xmlns="http://www.w3.org/2000/svg"><!-- ${canary} --></svg>`;
const open = '<svg xmlns="http://www.w3.org/2000/svg"><!-- open --></svg>';

let site: DeliverySite;
let folder: string;

beforeAll(async () => {
  const outer = newFolder();
  folder = join(outer, 'pictures');
  writeFiles(outer, {
    'outside.svg': image,
    'pictures-private/secret.svg': image,
    'etc/secret.svg': image,
    'pictures/.env': canary,
    'pictures/.hidden.svg': image,
    'pictures/.git/secret.svg': image,
    'pictures/sub/.hidden.svg': image,
    'pictures/notes.txt': canary,
    'pictures/page.svg': `<html>${canary}</html>`,
    'pictures/open.svg': open,
    'pictures/sub/open.svg': open,
    'pictures/photo.jpg': await photo(20, 10),
  });
  symlinkSync('../outside.svg', join(folder, 'link.svg'));
  symlinkSync('../etc', join(folder, 'etc'));
  symlinkSync('.git', join(folder, 'git'));
  mkdirSync(join(folder, 'empty'));
  site = await deliverySite(folder, { isPublic: () => true });
});
afterAll(closeSites);

const names = [
  '',
  ...'.. . ... outside.svg outside pictures pictures-private etc git .git .env .hidden.svg .hidden'.split(
    ' ',
  ),
  ...'hidden secret.svg secret notes.txt notes page.svg page open open.svg sub photo empty link'.split(' '),
  ...'link.svg C: con nul.svg ~ file: proc self environ passwd'.split(' '),
];
const dressings: readonly ((name: string) => string)[] = [
  (name) => encodeURIComponent(name),
  (name) => name.toUpperCase(),
  ...['%2e', '%2E', '%252e', '．'].map((dot) => (name: string) => name.replaceAll('.', dot)),
  ...['.', ' ', '%20', '%00.svg', '%00', '::$DATA', '\u0000'].map((end) => (name: string) => name + end),
];
const plain = (name: string): string => name;
const separators = ['//', '\\', '%2f', '%2F', '%5c', '%252f', '/./', ';', '\u2215'];
/** Mostly the first. */
function mostly<Item>(first: Item, ...others: readonly Item[]): fc.Arbitrary<Item> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constant(first) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}
const segment = fc
  .tuple(fc.constantFrom(...names), mostly(plain, ...dressings))
  .map(([name, dress]) => dress(name));
const target = fc
  .tuple(
    mostly('', '/cdn-cgi/imagedelivery', '/cdn-cgi/../cdn-cgi/imagedelivery', 'http://localhost', '/.'),
    fc.array(fc.tuple(segment, mostly('/', ...separators)), { minLength: 1, maxLength: 3 }),
    mostly('thumb', 'preview', 'card', 'thumb%00', 'preview/', '..', ''),
    mostly('', '?', '?x=/../../outside.svg', '#/outside'),
  )
  .map(([base, parts, variant, end]) => {
    const id = parts.flat().join('');
    return `${base}/${accountHash}/${variant.startsWith('.') ? id : id.replace(/\/*$/, '/')}${variant}${end}`;
  })
  // A request line holds neither spaces nor control characters: the server would not take it.
  .map((text) => Buffer.from(text.replace(/[\0-\x20]/g, encodeURIComponent)).toString('latin1'));

test('the canaries are there: their neighbours come out', async () => {
  for (const name of ['open', 'sub/open', 'open.svg', 'sub/open.svg'])
    expect((await site.ask(`/${accountHash}/${name}/thumb`)).text, name).toBe(open);
  expect((await site.ask(`/${accountHash}/photo/thumb`)).status).toBe(200);
});

test('whatever is asked, no canary comes out, and nothing fails', async () => {
  const statuses = new Map<number, number>();
  await fc.assert(
    fc.asyncProperty(target, async (path) => {
      const answer = await site.ask(path);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      expect(answer.body.includes(canary), path).toBe(false);
      // 501: an SVG has no blurred variant.
      expect([200, 400, 403, 404, 501], path).toContain(answer.status);
    }),
    { numRuns: runs(8) },
  );
  // The generator reaches images as well as refusals.
  for (const status of [200, 403, 404]) expect(statuses.get(status) ?? 0, `${status}`).toBeGreaterThan(3);
});

test('whatever an id holds, the folder finds images that are shown, and inside alone', async () => {
  const found = new PictureFolder(realpathSync(folder));
  const between = fc.constantFrom('/', '/', '/', '\\', '//', '/./', '/../', '\0', ':', '', '\n');
  const part = fc.tuple(fc.oneof(segment, fc.string({ unit: 'binary', maxLength: 3 })), between);
  const ids = fc
    .array(part, { minLength: 1, maxLength: 4 })
    .map((parts) => parts.flat().join('').replace(/\/$/, ''));
  const files = new Set<string>();
  await fc.assert(
    fc.asyncProperty(ids, async (id) => {
      const original = await found.find(id);
      if (original === undefined) return;
      files.add(original.file);
      expect(original.path).toBe(join(realpathSync(folder), original.file));
      expect(original.file).toMatch(/^(?:sub\/)?(?:open\.svg|photo\.jpg|notes\.txt|page\.svg)$/);
    }),
    { numRuns: runs(40) },
  );
  expect(files.size).toBeGreaterThanOrEqual(4);
});
