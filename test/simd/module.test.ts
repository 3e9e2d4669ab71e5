/** The compiled module that the package carries is the one that its source gives. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OpenTagCounts } from '../../src/html/open-tag-counts.ts';
import * as layout from '../../src/simd/instance.ts';
import { maxHeldBytes } from '../../src/text/limits.ts';
import { compileSimdModule, moduleFile } from '../support/simd-module.ts';

test('module.ts is what npm run build:simd writes', async () => {
  expect(readFileSync(moduleFile, 'utf8')).toBe(await compileSimdModule());
});

test('the source has the layout of instance.ts, and the limit of limits.ts', () => {
  const source = readFileSync(new URL('../../src/simd/assembly/scan.ts', import.meta.url), 'utf8');
  const constants = Object.fromEntries(
    [...source.matchAll(/^const (\w+): i32 = (\d+);$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  const { countsStart, literalsStart, literalSize } = layout;
  expect(constants).toMatchObject({ countsStart, literalsStart, literalSize, maxHeldBytes });
  const memory = layout.instantiate()!.memory.buffer.byteLength;
  // What a load may read beyond the input: the last letters of the longest literal, and 32 bytes.
  expect(layout.inputStart + layout.inputCapacity + layout.literalSize).toBeLessThanOrEqual(
    layout.unitsStart,
  );
  expect(layout.unitsStart + 2 * layout.maxUnits).toBeLessThanOrEqual(memory);
  expect(layout.countsLength).toBe(new OpenTagCounts().counts.length);
  expect(layout.countsStart + layout.countsLength).toBeLessThanOrEqual(constants['openSvgStart']!);
  const { attributesStart, maxAttributes } = layout;
  expect(constants).toMatchObject({ attributesStart, maxAttributes });
  expect(constants['openSvgStart']! + 8 * constants['maxOpenSvg']!).toBeLessThanOrEqual(attributesStart);
  expect(attributesStart + 20 * maxAttributes).toBeLessThanOrEqual(layout.literalsStart);
  expect(layout.literalsStart + layout.maxLiterals * layout.literalSize).toBeLessThanOrEqual(
    layout.inputStart,
  );
});
