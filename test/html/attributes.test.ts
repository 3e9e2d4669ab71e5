/** Of several attributes of one name a browser keeps the first: that one is signed, however many others there are. */
import { expect, test } from 'vitest';
import { readPage } from '../support/oracles/browser-reading.ts';
import { countTokens, signerWith, url } from '../support/samples.ts';

const signer = signerWith();

test.each([0, 1, 31, 32, 33, 100])('a second src behind %d other attributes stays', (count) => {
  const others = Array.from({ length: count }, (_, index) => ` a${index}="x"`).join('');
  for (const start of [others, '']) {
    const page = `<img${start} src="${url()}"${others} SRC='${url('card')}'>`;
    const out = signer.rewriteHtml(page);
    expect(readPage(page)).toEqual([url()]);
    expect(countTokens(out)).toBe(1);
    expect(out).toContain(`SRC='${url('card')}'`);
  }
});
