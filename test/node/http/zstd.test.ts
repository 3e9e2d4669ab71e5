/** Where the frames of a Zstandard body end. The bodies were written by hand from RFC 8878, so that any Node.js has them. */
import { describe, expect, test } from 'vitest';
import { ZstdFrames } from '../../../src/node/http/zstd.ts';
import { inChunksOf, splitEverywhere } from '../../support/generators/chunks.ts';

const magic = '28b52ffd';
/** A frame: window of 1 KiB, one raw block of two bytes, which is the last one. */
const plain = `${magic}0000110000abcd`;

const frames: Readonly<Record<string, string>> = {
  'with a window': plain,
  'with a checksum': `${magic}0400110000abcd01020304`,
  'of a single segment': `${magic}2002110000abcd`,
  'with a content size of two bytes, and a dictionary of one': `${magic}61070001110000abcd`,
  'with a content size of eight bytes, and a dictionary of four': `${magic}e30708090a0200000000000000110000abcd`,
  'of several blocks': `${magic}0000100000abcd100000abcd010000`,
  'with a byte that stands for many': `${magic}000003f8ffab`,
  'that is empty': `${magic}0000010000`,
  'to be skipped': '502a4d1803000000abcdef',
  'to be skipped, with nothing in it': '5f2a4d1800000000',
};

const lengthsOf = (chunks: readonly Uint8Array[]): number[] => {
  const splitter = new ZstdFrames();
  return chunks.flatMap((chunk) => splitter.split(chunk)).map(({ length }) => length);
};

describe.each(Object.entries(frames))('a frame %s', (_title, hex) => {
  const frame = Buffer.from(hex, 'hex');
  const twice = Buffer.concat([frame, frame]);

  test('ends where the next one begins, however the body is cut', () => {
    expect(lengthsOf([twice])).toEqual([frame.length, frame.length]);
    for (const chunks of splitEverywhere(twice)) {
      const ends = new Set<number>();
      let end = 0;
      for (const length of lengthsOf(chunks)) {
        end += length;
        ends.add(end);
      }
      expect(ends.has(frame.length)).toBe(true);
      expect(end).toBe(twice.length);
    }
  });

  test('is one part before it is complete', () => {
    expect(lengthsOf([frame.subarray(0, -1)])).toEqual([frame.length - 1]);
  });
});

test('what is no frame is not cut any more', () => {
  const body = Buffer.concat([Buffer.from(plain, 'hex'), Buffer.from('<p>no frame</p>')]);
  expect(lengthsOf([body])).toEqual([plain.length / 2, 15]);
  expect(lengthsOf(inChunksOf(4, body)).reduce((sum, length) => sum + length)).toBe(body.length);
});
