import { join } from 'node:path';
import { expect, test } from 'vitest';
import { excludedFrom } from './selection.ts';

test('every file that the matrix leaves out exists, and more of them on older versions', () => {
  const root = join(import.meta.dirname, '../..');
  const [newest, older] = [excludedFrom(root, true), excludedFrom(root, false)];
  expect(newest.length).toBeGreaterThan(0);
  expect(older).toEqual(expect.arrayContaining(newest));
  expect(older.length).toBeGreaterThan(newest.length);
});
