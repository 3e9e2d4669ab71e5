/** A URL of an image optimizer in a list: what is signed in it is what the optimizer asks for. */
import { expect, test } from 'vitest';
import { accountHash, signerWith } from '../support/samples.ts';

const signer = signerWith();
const image = `https://imagedelivery.net/${accountHash}/a;b/thumb`;
const optimizer = `/_next/image?url=${encodeURIComponent(image)}&amp;w=640&amp;q=75`;

test.each([
  ['a list of an animation', `<svg><animate attributeName="href" values="${optimizer};/x"/></svg>`],
  ['a srcset', `<img srcset="${optimizer} 1x, /x 2x">`],
  ['a set of lazySizes', `<p data-bgset="${optimizer} [(min-width: 1px)] | /x">`],
])('in %s', (_title, page) => {
  const [, escaped] = /url=([^&]+)/.exec(signer.rewriteHtml(page))!;
  const asked = decodeURIComponent(escaped!);
  expect(asked).toMatch(/&sig=[0-9a-f]{64}$/);
  expect(signer.verifyImage(asked)).toMatchObject({ ok: true, image: { id: 'a;b' } });
});
