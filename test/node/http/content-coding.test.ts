import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseContentCoding } from '../../../src/node/http/content-coding.ts';

test.each(['gzip', 'x-gzip', ' GZIP ', 'X-Gzip'])('%j is gzip (RFC 9110, 8.4.1.3)', (field) => {
  const coding = parseContentCoding(field);
  if (typeof coding !== 'object') throw new Error(`got ${coding}`);
  const encoded = gzipSync('text');
  expect(coding.detect(encoded).decode(encoded, 100)?.toString()).toBe('text');
});

test.each([undefined, '', ' ', 'identity'])('%j is no coding', (field) => {
  expect(parseContentCoding(field)).toBeUndefined();
});

test.each(['compress', 'gzip, br'])('%j is one that cannot be decoded', (field) => {
  expect(parseContentCoding(field)).toBe('unknown');
});
