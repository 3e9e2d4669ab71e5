import { expect, test } from 'vitest';
import { createInstance } from '../../src/pages/instance.ts';
import { base } from '../support/samples.ts';

test('open encoded pages hold 256 MiB at most, and what one gives back twice is there once', () => {
  const { beginTranscoding } = createInstance(base);
  const half = 128 * 1024 * 1024;
  const giveBack = beginTranscoding(half)!;
  expect(beginTranscoding(half + 1)).toBeUndefined();
  expect(beginTranscoding(half)).toBeDefined();
  expect(beginTranscoding(1)).toBeUndefined();
  giveBack();
  giveBack();
  expect(beginTranscoding(half + 1)).toBeUndefined();
  expect(beginTranscoding(half)).toBeDefined();
});
