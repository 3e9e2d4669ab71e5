/** Where a script ends, beside parse5: with comments, hyphens and further `<script` in it, in every order. */
import { type DefaultTreeAdapterMap, parse } from 'parse5';
import { expect, test } from 'vitest';
import { countTokens, signerWith, url } from '../support/samples.ts';

const image = `<img src="${url()}">`;
const signer = signerWith();

/** How many elements have the image for their `src`: the `img`, or a tag before it that is not closed. */
function imagesIn(node: DefaultTreeAdapterMap['node']): number {
  const own = 'attrs' in node && node.attrs.some(({ name }) => name === 'src') ? 1 : 0;
  return 'childNodes' in node ? node.childNodes.reduce((sum, each) => sum + imagesIn(each), own) : own;
}

test.each<[page: string, signed: number]>([
  [`<script><!--><script></script>${image}`, 1],
  [`<script><!---><script></script>${image}`, 1],
  [`<script><!-- --><script></script>${image}`, 1],
  // The `<` ends the run of hyphens, so that this `>` ends no comment.
  [`<script><!-- --<><script></script>${image}`, 0],
  [`<script><!-- - -><script></script>${image}`, 0],
  [`<script><!--<script></script>${image}</script>${image}`, 1],
  [`<script><!--<script>--></script>${image}`, 1],
])('%s', (page, signed) => {
  expect(imagesIn(parse(page))).toBe(signed);
  expect(countTokens(signer.rewriteHtml(page))).toBe(signed);
});

test('any four pieces of a script in a row', () => {
  const pieces = ['<!--', '--', '-', '>', '<', '<script>', '</script>', '<script-', ' '];
  const wrong: string[] = [];
  for (let number = 0; number < pieces.length ** 4; number++) {
    let text = '';
    for (let rest = number, left = 4; left > 0; left--, rest = Math.floor(rest / pieces.length))
      text += pieces[rest % pieces.length];
    const page = `<script>${text}${image}`;
    if (countTokens(signer.rewriteHtml(page)) !== imagesIn(parse(page))) wrong.push(page);
  }
  expect(wrong.slice(0, 5)).toEqual([]);
});
