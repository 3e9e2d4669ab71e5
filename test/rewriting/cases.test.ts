import { describe, expect, test } from 'vitest';
import type { Signer, SignerOptions } from '../../src/index.ts';
import { findSrcsetUrls } from '../../src/values/urls.ts';
import { rewriteInChunks, splitEverywhere } from '../support/generators/chunks.ts';
import { readPage } from '../support/oracles/browser-reading.ts';
import { signerWith } from '../support/samples.ts';
import { shareOf } from '../support/seed.ts';
import html from '../vectors/html.json' with { type: 'json' };
import srcset from '../vectors/srcset.json' with { type: 'json' };

interface HtmlCase {
  readonly name: string;
  readonly why: string;
  readonly html: string;
  readonly signed: readonly string[];
  readonly maybe?: readonly string[];
  readonly becomes?: string;
  readonly bytes?: 'latin1';
  readonly options?: Partial<SignerOptions> & {
    readonly attributes?: Record<string, 'url'>;
    readonly customProperties?: readonly string[];
  };
}

const cases = html.cases as readonly HtmlCase[];

function signerOf({ options = {} }: HtmlCase): Signer {
  const { attributes: _, customProperties: __, ...signerOptions } = options;
  return signerWith({ ...(html.defaults as Partial<SignerOptions>), ...signerOptions });
}

function rewrite(each: HtmlCase, chunks: Iterable<Uint8Array>): Buffer {
  const { attributes, customProperties } = each.options ?? {};
  return rewriteInChunks(signerOf(each).htmlRewriter({ attributes, customProperties }), chunks);
}

describe('pages of the vectors', () => {
  test.each(cases)('$name: $why', (each) => {
    const encoding = each.bytes ?? 'utf8';
    const page = Buffer.from(each.html, encoding);
    const out = rewrite(each, [page]);
    const signer = signerOf(each);
    const { attributes = {}, customProperties = [] } = each.options ?? {};
    const before = readPage(page.toString(encoding), { attributes, customProperties });
    const after = readPage(out.toString(encoding), { attributes, customProperties });

    const signed = after.filter((value) => 'expiresAt' in signer.verifyImage(value));
    expect(signed.map((value) => signer.unsignImage(value))).toEqual(each.signed);
    // Every place reads the same but for tokens, and what URL had to write.
    const bare = (value: string): string =>
      signer.unsignImage(URL.canParse(value) ? encodeURI(decodeURI(value)) : value);
    if (each.signed.length > 0) expect(after.map(bare)).toEqual(before.map(bare));
    else expect(out.toString(encoding)).toBe(each.becomes ?? each.html);
  });

  test.each(shareOf(cases, 3))('$name: the same, wherever it is cut', (each) => {
    const page = Buffer.from(each.html, each.bytes ?? 'utf8');
    const whole = rewrite(each, [page]);
    for (const chunks of splitEverywhere(page)) {
      expect(rewrite(each, chunks).equals(whole), `cut at ${chunks[0].length}`).toBe(true);
    }
    const single = Array.from(page, (byte) => Uint8Array.of(byte));
    expect(rewrite(each, single).equals(whole)).toBe(true);
  });
});

test.each(srcset.cases)('srcset: $why', ({ srcset: text, urls }) => {
  expect(findSrcsetUrls(text).map(({ start, end }) => text.slice(start, end))).toEqual(urls);
});
