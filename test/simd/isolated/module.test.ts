/** The compiled module that the package carries is the one that its source gives. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { OpenTagCounts } from '../../../src/html/foreign-content.ts';
import * as layout from '../../../src/simd/scratch.ts';
import { maxHeldBytes } from '../../../src/text/limits.ts';
import { moduleFile, sourceOfModule } from '../compiler/module.ts';

test('module.ts is what `npm run generate -- simd` has made of the source, with the compiler of the lock', () => {
  expect(readFileSync(moduleFile, 'utf8')).toContain(` * From: ${sourceOfModule()}\n`);
});

test('the source has the layout of scratch.ts, and the limit of limits.ts', () => {
  const source = readFileSync(new URL('../../../src/simd/assembly/scan.ts', import.meta.url), 'utf8');
  const constants = Object.fromEntries(
    [...source.matchAll(/^const (\w+): i32 = (\d+);$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
  const { countsStart, literalsStart, literalSize, inputStart, inputCapacity } = layout;
  expect(constants).toMatchObject({ countsStart, literalsStart, literalSize, maxHeldBytes });
  const memory = layout.instantiate()!.memory.buffer.byteLength;
  // What a load may read beyond the input: the last letters of the longest literal, and 32 bytes.
  expect(inputStart + inputCapacity + literalSize).toBeLessThanOrEqual(memory);
  expect(layout.countsLength).toBe(new OpenTagCounts().counts.length);
  expect(countsStart + layout.countsLength).toBeLessThanOrEqual(constants['openSvgStart']!);
  expect(constants['openSvgStart']! + 8 * constants['maxOpenSvg']!).toBeLessThanOrEqual(literalsStart);
});
