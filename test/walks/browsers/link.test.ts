/** Which images Chromium loads for a `Link` field, and whether each of them was signed. */
import { expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { base, signerWith, url, withoutTokens } from '../../support/samples.ts';
import { watchPage } from './watched-page.ts';

const sign = imageSigner(base as ImageSignerOptions);
let link = '';
const site = watchPage((request, response) =>
  sign(request, response, () =>
    response.writeHead(200, { 'Content-Type': 'text/html', Link: link }).end('<p>text</p>'),
  ),
);

const [a, b] = [url('card', 'a'), url('card', 'b')];
const image = 'rel=preload; as=image';

test.each([
  ['white space within the brackets', `< ${a}\t>; ${image}`, [a]],
  ['a bare imagesrcset', `</x.png>; ${image}; imagesrcset=${a}`, [a]],
  ['a bare imagesrcset with a descriptor', `</x.png>;${image};imagesrcset = ${a} 1x ;imagesizes=1px`, [a]],
  ['a quoted imagesrcset', `</x.png>; ${image}; imagesrcset="${a} 1x"`, [a]],
  ['a link that is none before it', `nonsense, <${a}>; ${image}`, [a]],
  ['a link without a target before it', `; rel=preload, <${a}>; ${image}`, [a]],
  ['a link that goes on behind its target', `</x.css> junk; rel=x, <${a}>; ${image}`, [a]],
  ['a link that goes on behind a quoted value', `</x.css>; rel="x" y, <${a}>; ${image}`, [a]],
  ['one in quotes that belong to no parameter', `x "y, <${a}>; ${image}", <${b}>; ${image}`, [b]],
  ['one in a quoted value', `</x.css>; title="y, <${a}>; ${image}", <${b}>; ${image}`, [b]],
])('Chromium loads what is signed: %s', async (_title, value, expected) => {
  link = value;
  site.requested.length = 0;
  await site.page.goto(site.address);
  await expect.poll(() => site.requested.map(withoutTokens)).toEqual(expected);
  for (const each of site.requested) expect(signerWith().verifyImage(each)).toMatchObject({ ok: true });
});
