/** Laws of scripts that hold templates: what the browser fills in stays as it is, and all else is signed. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { markdown } from '../../src/markdown.ts';
import { cutAt, rewriteInChunks } from '../support/generators/chunks.ts';
import { countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';
import '../support/seed.ts';

const types = ['text/html', 'text/template', 'text/ng-template', 'text/x-mustache', 'text/x-jquery-tmpl'];

const expressions = [
  ...['{{id}}', '{{ item.id }}', '{{{raw}}}', '{{#if big}}x{{else}}y{{/if}}', '{id}'],
  ...['{{= it.id}}', '{%= id %}', '{'],
];
const expression = fc.constantFrom(...expressions);
const plain = fc.constantFrom(url(), `${url('card')}?v=1`, `${url()}#top`, url('card').replace('https:', ''));
/** A URL with an expression in any place of it. */
const filled = fc.tuple(plain, expression, fc.nat()).map(([text, inserted, place]) => {
  const start = text.indexOf('.net/') + '.net/'.length;
  const at = start + (place % (text.length - start + 1));
  return text.slice(0, at) + inserted + text.slice(at);
});

interface Piece {
  readonly text: string;
  /** How many URLs in it are signed. */
  readonly signed: number;
}

const piece: fc.Arbitrary<Piece> = fc
  .oneof(
    plain.map((text) => ({ text, signed: 1 })),
    filled.map((text) => ({ text, signed: 0 })),
  )
  .chain(({ text, signed }) =>
    fc.constantFrom(
      { text: `<img src="${text}">`, signed },
      { text: `<img alt='{{ a "b" }}' src='${text}' {{#if c}}hidden{{/if}}>`, signed },
      { text: `<p style="background:url('${text}')">{{name}}</p>`, signed },
      { text: `<img srcset="${text} 1x, ${url()} 2x">`, signed: signed + 1 },
      { text: `<p data-page='{"a":"${text}"}'>`, signed },
      { text: `{{> part}}<style>a{b:url("${text}")}</style>`, signed },
      { text: `<iframe srcdoc="<img src='${text}'>"></iframe>`, signed },
      { text: `<p data-page='{"markdown":"# A\\n\\n<img src=\\"${text}\\">"}'>`, signed },
    ),
  );

const templates = fc.tuple(fc.constantFrom(...types), fc.array(piece, { minLength: 1, maxLength: 6 }));
const signer = signerWith();
const targets = { fields: { markdown: markdown } } as const;

test('an expression in a URL of a template stays, wherever it is, and every other URL is signed', () => {
  fc.assert(
    fc.property(templates, fc.array(fc.nat(), { maxLength: 6 }), ([type, pieces], places) => {
      const inside = pieces.map(({ text }) => text).join('\n');
      const page = `<script type="${type}">${inside}</script><img src="${url()}">`;
      const out = signer.rewriteHtml(page, targets);
      expect(withoutTokens(out)).toBe(page);
      expect(countTokens(out)).toBe(pieces.reduce((sum, { signed }) => sum + signed, 1));
      for (const { text, signed } of pieces) if (signed === 0) expect(out).toContain(text);
      const cut = rewriteInChunks(signer.htmlRewriter(targets), cutAt(places, Buffer.from(page)));
      expect(cut.toString()).toBe(out);
    }),
    { numRuns: 500 },
  );
});

test.each(['?v={}', '#{}', '?v=1#{}'])('empty braces are no expression: a URL with %s is signed', (end) => {
  const page = `<script type="text/html"><img src="${url()}${end}"></script>`;
  expect(countTokens(signer.rewriteHtml(page))).toBe(1);
  expect(signer.rewriteHtml(page.replace('{}', '{ }'))).toBe(page.replace('{}', '{ }'));
});
