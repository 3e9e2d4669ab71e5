/** What a page's bytes say in UTF-8: exactly what a strict decoder reads, and no URL where it reads nothing. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editUrl } from '../../src/rewriting/edit-url.ts';
import { anyText } from '../support/generators/any-text.ts';
import { runs, seed } from '../support/seed.ts';

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function strictly(bytes: Buffer): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The URL that is asked for; undefined if nobody is asked. */
function readUrl(bytes: Buffer): string | undefined {
  let asked: string | undefined;
  const text = bytes.toString('latin1');
  const value = { text, start: 0, offsets: undefined, isOpenBefore: () => false, escape: String };
  editUrl(value, 0, text.length, (url) => {
    asked = url;
    return undefined;
  });
  return asked;
}

/** Of characters, their halves, what UTF-8 forbids, and U+FFFD, which decoders write for all of that. */
const piece = fc.oneof(
  anyText({ maxLength: 4 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom('efbfbd', 'efbbbf', 'c080', 'eda080', 'f4908080', 'f09f', '80', 'ff', 'efbf', 'f09f9880')
    .map((hex) => Buffer.from(hex, 'hex')),
);

test('bytes are read as a strict decoder of UTF-8 reads them, or not at all', () => {
  const counts = { text: 0, none: 0 };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
      const bytes = Buffer.concat([Buffer.from('https://imagedelivery.net/a/'), ...pieces]);
      const expected = strictly(bytes);
      counts[expected === undefined ? 'none' : 'text']++;
      expect(readUrl(bytes), bytes.toString('hex')).toBe(expected);
    }),
    { numRuns: runs(10), seed },
  );
  expect(Math.min(counts.text, counts.none)).toBeGreaterThan(runs(10) / 10);
});
