/** Which slash closes an element of SVG, beside parse5: only one that stands right before the `>`, outside of a value. */
import { type DefaultTreeAdapterMap, parseFragment } from 'parse5';
import { expect, test } from 'vitest';
import { countTokens, signerWith, url } from '../support/samples.ts';

const signer = signerWith();
const rule = `a{b:url(${url()})}`;
const page = (attributes: string): string => `<svg><style${attributes}>${rule}</style></svg>`;

type Element = DefaultTreeAdapterMap['element'];

/** Whether the rule is the text of the style sheet: it is signed there, and not in the `svg` around it. */
function isStyle(html: string): boolean {
  const [svg] = parseFragment(html).childNodes as Element[];
  const [style] = (svg?.childNodes ?? []) as Element[];
  return style?.nodeName === 'style' && style.childNodes.length > 0;
}

test.each<[attributes: string, isOpen: boolean]>([
  [' x = y / ', true],
  [' x = y /', false],
  [' x = y/', true],
  [' x = /', true],
  [' x =/ ', true],
  [' / x', true],
  [' x /', false],
  ['/', false],
  ['/ ', true],
  [' x = "y"/', false],
  [" x = '/'", true],
])('<style%s>', (attributes, isOpen) => {
  expect(isStyle(page(attributes))).toBe(isOpen);
  expect(countTokens(signer.rewriteHtml(page(attributes)))).toBe(isOpen ? 1 : 0);
});

test('any five characters of attributes', () => {
  const characters = ['x', ' ', '=', '/', '"'];
  const wrong: string[] = [];
  for (let number = 0; number < characters.length ** 5; number++) {
    let text = ' ';
    for (let rest = number, left = 5; left > 0; left--, rest = Math.floor(rest / characters.length))
      text += characters[rest % characters.length];
    const html = page(text);
    if (countTokens(signer.rewriteHtml(html)) !== (isStyle(html) ? 1 : 0)) wrong.push(html);
  }
  expect(wrong.slice(0, 5)).toEqual([]);
});
