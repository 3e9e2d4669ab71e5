import { expect, test } from 'vitest';
import { signerWith, url, withoutTokens } from '../support/samples.ts';

test.each(['property=og:image', 'name=twitter:image', 'itemprop=image'])(
  'of <meta %s> only the content is the URL of an image',
  (names) => {
    const page = `<meta ${names} title="${url()}" content="${url('card')}" id="${url()}">`;
    const out = signerWith().rewriteHtml(page);
    expect(withoutTokens(out)).toBe(page);
    expect(out.match(/\w+="[^"]*exp=/g)).toEqual([expect.stringMatching(/^content=/)]);
  },
);
