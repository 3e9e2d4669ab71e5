/** Edits of a text's bytes, applied to the text: whatever it holds, the bytes that it becomes are the same. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteRewriter, type EncodingWatch, type Scanner } from '../../src/rewriting/byte-rewriter.ts';
import { applyEdits, type Edit } from '../../src/text/edit.ts';
import { randoms } from '../support/generators/random.ts';
import { runs } from '../support/seed.ts';

const pieces = [
  ...['a', 'abcd', ' plain text of some length ', 'é', '€', '漢字', '😀', '\ud800', '\udc00'],
  ...['\0', '\ufeff'],
];

function randomCase(random: () => number): { text: string; bytes: Buffer; edits: Edit[] } {
  const below = (limit: number): number => Math.floor(random() * limit);
  const some = (count: number): string =>
    Array.from({ length: below(count) }, () => pieces[below(pieces.length)]).join('');
  const text = some(60);
  const bytes = Buffer.from(text);
  const places = Array.from({ length: 2 * below(4) }, () => below(bytes.length + 1)).sort((a, b) => a - b);
  const edits: Edit[] = [];
  for (let i = 0; i < places.length; i += 2)
    edits.push({ start: places[i]!, end: places[i + 1]!, text: Buffer.from(some(4)).toString('latin1') });
  return { text, bytes, edits };
}

const rewriterOf = (find: (bytes: Buffer) => readonly Edit[], errors: unknown[] = []): ByteRewriter => {
  const edits: Edit[] = [];
  const scanner: Scanner = {
    heldFrom: 0,
    scan() {},
    rebase() {},
    end: (bytes) => void edits.push(...find(bytes)),
  };
  return new ByteRewriter(scanner, edits, (error) => errors.push(error));
};

test('the text becomes the bytes that the edited bytes are', () => {
  let kept = 0;
  fc.assert(
    fc.property(randoms, (random) => {
      const { text, bytes, edits } = randomCase(random);
      const out = rewriterOf(() => edits).endText(text);
      const byBytes = Buffer.from(applyEdits(bytes.toString('latin1'), edits), 'latin1');
      const whole = byBytes.toString(); // an edit may cut a character in two
      expect(Buffer.from(out).equals(Buffer.from(whole))).toBe(true);
      if (out !== whole) kept++; // half a surrogate pair has no UTF-8
    }),
    { numRuns: runs(50) },
  );
  expect(kept).toBeGreaterThan(runs(2));
});

test('halves of a character never become one', () => {
  const out = rewriterOf(() => [{ start: 3, end: 4, text: '' }]).endText('\ud800x\udc00');
  expect(out).toBe('\ufffd\ufffd');
});

describe('a rewriter', () => {
  const each = (bytes: Buffer): Edit[] =>
    [...bytes.keys()]
      .filter((at) => bytes[at] === 0x78)
      .map((at) => ({ start: at, end: at + 1, text: 'yy' }));

  test('puts the text behind what it holds', () => {
    const rewriter = rewriterOf(each);
    expect(rewriter.write(Buffer.from('a')).length).toBe(0);
    expect(rewriter.endText('x')).toBe('ayy');
  });

  test('reports edits that overlap, and leaves them out', () => {
    const errors: unknown[] = [];
    const edits = [0, 1].map((start) => ({ start, end: start + 2, text: `${start + 1}` }));
    const rewriter = rewriterOf(() => edits, errors);
    expect(rewriter.endText('abcd')).toBe('1cd');
    expect(errors).toHaveLength(1);
  });

  test('passes every byte on if what looks for the encoding fails, and reports it', () => {
    const errors: unknown[] = [];
    let reads = 0;
    const watch: EncodingWatch = {
      isUnreadable: false,
      isSettled: false,
      read() {
        if (reads++ > 0) throw new Error('fails');
        return 0;
      },
    };
    const scanner: Scanner = { heldFrom: 0, scan() {}, rebase() {}, end() {} };
    const rewriter = new ByteRewriter(scanner, [], (error) => errors.push(error), watch);
    const out = ['ab', 'cd', 'ef'].map((chunk) => rewriter.write(Buffer.from(chunk)).toString());
    expect([...out, rewriter.end().toString()].join('')).toBe('abcdef');
    expect(errors).toHaveLength(1);
  });

  test('keeps the text if the scanner fails', () => {
    const errors: unknown[] = [];
    const rewriter = rewriterOf(() => {
      throw new Error('fails');
    }, errors);
    expect(rewriter.endText('a€x')).toBe('a€x');
    expect(errors).toHaveLength(1);
  });
});
