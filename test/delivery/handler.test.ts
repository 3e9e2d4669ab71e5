/** What a client of the delivery gets: images, refusals, and their headers. */
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  closeSites,
  type DeliverySite,
  deliverySite,
  newFolder,
  photo,
  signed,
  writeFiles,
} from '../support/delivery-site.ts';
import { accountHash } from '../support/samples.ts';

let folder: string;
let site: DeliverySite;

beforeAll(async () => {
  folder = newFolder();
  writeFiles(folder, {
    'sunset.jpg': await photo(),
    '2026/harbour.jpg': await photo(),
    'notes.txt': 'no image',
  });
  site = await deliverySite(folder);
});
afterAll(closeSites);

test('a valid token gets the picture of the variant, private, for as long as the token lasts', async () => {
  const answer = await site.ask(signed('sunset'));
  expect(answer.status).toBe(200);
  expect(answer.header('content-type')).toBe('image/jpeg');
  expect(answer.header('cache-control')).toMatch(/^private, max-age=\d+$/);
  expect(answer.header('vary')).toBe('Accept');
  expect(answer.header('x-content-type-options')).toBe('nosniff');
  expect(answer.header('cross-origin-resource-policy')).toBe('cross-origin');
  expect(await sharp(answer.body).metadata()).toMatchObject({ width: 100, height: 50, format: 'jpeg' });
});

test.each([
  ['no token', () => `/${accountHash}/sunset/thumb`, 403, 9425],
  ['an image that is not there', () => signed('nothing'), 404, 9431],
  ['a file that is no image', () => signed('notes'), 404, 9431],
])('%s is refused with the code of Cloudflare Images', async (_, target, status, code) => {
  const answer = await site.ask(target());
  expect(answer.status).toBe(status);
  expect(answer.text).toMatch(new RegExp(`^ERROR ${code}: .+\n$`));
  expect(answer.header('cf-images')).toBe(`err=${code}`);
  expect(answer.header('cache-control')).toBe('no-store');
});
