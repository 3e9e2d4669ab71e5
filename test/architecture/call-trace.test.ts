/** A call passes few doors: each further file and function is one more for whoever reads what it does. */
import { expect, test } from 'vitest';
import { type TracedCall, traceCalls } from './call-trace.ts';

const traces = traceCalls();

/** Up to Node.js 22 V8 leaves out some functions that it has compiled away. */
test.each<[call: TracedCall, files: number, functions: number]>([
  ['signImage', 20, 53],
  ['signImage again', 8, 12],
  ['req.signImage', 39, 161],
  ['page', 62, 345],
])('%s runs at most %i files and %i functions', (call, files, functions) => {
  const { fileCount, functionCount } = traces[call];
  expect([fileCount <= files, functionCount <= functions], JSON.stringify(traces[call])).toEqual([
    true,
    true,
  ]);
});
