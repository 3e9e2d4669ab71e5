/** Edits of a text's bytes, applied to the text: whatever it holds, the bytes that it becomes are the same. */
import { describe, expect, test } from 'vitest';
import { ByteRewriter, type Scanner } from '../../src/rewriting/byte-rewriter.ts';
import { spliceText } from '../../src/rewriting/spliced-body.ts';
import type { Edit } from '../../src/text/edit.ts';
import { randomFrom } from '../support/random.ts';

const pieces = [
  'a',
  'abcd',
  ' plain text of some length ',
  'é',
  '€',
  '漢字',
  '😀',
  '\ud800',
  '\udc00',
  '\0',
  '\ufeff',
];

/** By the bytes alone. */
function expected(bytes: Buffer, edits: readonly Edit[]): Buffer {
  const parts: Buffer[] = [];
  let at = 0;
  for (const { start, end, text } of edits) {
    parts.push(bytes.subarray(at, start), Buffer.from(text, 'latin1'));
    at = end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

function randomCase(seed: number): { text: string; bytes: Buffer; edits: Edit[] } {
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const some = (count: number): string =>
    Array.from({ length: below(count) }, () => pieces[below(pieces.length)]).join('');
  const text = some(60);
  // Not at the start of its memory: words of four bytes lie elsewhere then.
  const bytes = Buffer.concat([Buffer.alloc(below(5)), Buffer.from(text)]).subarray();
  const aligned = bytes.subarray(bytes.length - Buffer.byteLength(text));
  const places = Array.from({ length: 2 * below(4) }, () => below(aligned.length + 1)).sort((a, b) => a - b);
  const edits: Edit[] = [];
  for (let i = 0; i < places.length; i += 2)
    edits.push({ start: places[i]!, end: places[i + 1]!, text: Buffer.from(some(4)).toString('latin1') });
  return { text, bytes: aligned, edits };
}

test('the text becomes the bytes that the edited bytes are, or nothing if a character is cut', () => {
  let spliced = 0;
  for (let seed = 1; seed <= 20_000; seed++) {
    const { text, bytes, edits } = randomCase(seed);
    const out = spliceText(text, bytes, edits);
    const isCut = edits.flatMap(({ start, end }) => [start, end]).some((at) => (bytes[at]! & 0xc0) === 0x80);
    if (isCut) expect(out, `seed ${seed}`).toBeUndefined();
    else if (text.isWellFormed() || out !== undefined) {
      spliced++;
      expect(Buffer.from(out!).equals(expected(bytes, edits)), `seed ${seed}`).toBe(true);
    }
  }
  expect(spliced).toBeGreaterThan(5_000);
});

test('halves of a character never become one', () => {
  const bytes = Buffer.from('\ud800x\udc00');
  expect(spliceText('\ud800x\udc00', bytes, [{ start: 3, end: 4, text: '' }])).toBeUndefined();
});

test('edits that overlap, or end behind the text, are not applied', () => {
  const of = (...edits: [number, number][]): string | undefined =>
    spliceText(
      'abcdef',
      Buffer.from('abcdef'),
      edits.map(([start, end]) => ({ start, end, text: '-' })),
    );
  expect(of([1, 2], [2, 3])).toBe('a--def');
  expect(of([1, 3], [2, 4])).toBeUndefined();
  expect(of([3, 2])).toBeUndefined();
  expect(of([5, 7])).toBeUndefined();
});

describe('a rewriter', () => {
  const rewriterOf = (find: (bytes: Buffer) => Edit[], errors: unknown[] = []): ByteRewriter => {
    const edits: Edit[] = [];
    const scanner: Scanner = {
      heldFrom: 0,
      scan() {},
      rebase() {},
      end: (bytes) => void edits.push(...find(bytes)),
    };
    return new ByteRewriter(scanner, edits, (error) => errors.push(error));
  };
  const each = (bytes: Buffer): Edit[] =>
    [...bytes.keys()]
      .filter((at) => bytes[at] === 0x78)
      .map((at) => ({ start: at, end: at + 1, text: 'yy' }));

  test('ends with a text as with its bytes', () => {
    for (const text of ['', 'none', 'x', '€x€x', 'x'.repeat(9)]) {
      const out = rewriterOf(each).endText(text);
      expect(out).toBe(rewriterOf(each).end(Buffer.from(text)).toString());
      expect(out).toBe(text.replaceAll('x', 'yy'));
    }
  });

  test('puts the text behind what it holds', () => {
    const rewriter = rewriterOf(each);
    expect(rewriter.write(Buffer.from('a')).length).toBe(0);
    expect(rewriter.endText('x')).toBe('ayy');
  });

  test('reports edits that overlap, and leaves them out', () => {
    const errors: unknown[] = [];
    const rewriter = rewriterOf(
      () => [
        { start: 0, end: 2, text: '1' },
        { start: 1, end: 3, text: '2' },
      ],
      errors,
    );
    expect(rewriter.endText('abcd')).toBe('1cd');
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
