/** The sizes of made pictures, by what Cloudflare says of each `fit`. */
import { describe, expect, test } from 'vitest';
import { fittingOf } from '../../src/delivery/geometry.ts';
import type { PictureFit } from '../../src/schemes/definition.ts';

const policy = (fit: PictureFit, width: number | undefined, height: number | undefined) => ({
  fit,
  width,
  height,
  blur: undefined,
  metadata: 'none' as const,
});

test.each<
  [
    fit: PictureFit,
    from: [number, number],
    area: [number | undefined, number | undefined],
    to: [number, number, string] | undefined,
  ]
>([
  ['scale-down', [200, 100], [100, 100], [100, 50, 'fill']],
  ['scale-down', [200, 100], [100, undefined], [100, 50, 'fill']],
  ['scale-down', [200, 100], [undefined, 20], [40, 20, 'fill']],
  ['scale-down', [200, 100], [400, 400], [200, 100, 'fill']],
  ['contain', [200, 100], [100, 100], [100, 50, 'fill']],
  ['contain', [200, 100], [400, 400], [400, 200, 'fill']],
  ['contain', [200, 100], [undefined, 200], [400, 200, 'fill']],
  ['cover', [200, 100], [100, 100], [100, 100, 'cover']],
  ['cover', [200, 100], [400, 400], [400, 400, 'cover']],
  ['cover', [200, 100], [400, undefined], [400, 200, 'fill']],
  ['crop', [200, 100], [100, 100], [100, 100, 'cover']],
  ['crop', [200, 100], [400, 400], [200, 100, 'cover']],
  ['crop', [200, 100], [100, 400], [100, 100, 'cover']],
  ['crop', [200, 100], [400, undefined], [200, 100, 'fill']],
  ['pad', [200, 100], [100, 100], [100, 100, 'contain']],
  ['pad', [200, 100], [400, 400], [400, 400, 'contain']],
  ['pad', [200, 100], [50, undefined], [50, 25, 'fill']],
  ['scale-down', [10_000, 1], [100, 100], [100, 1, 'fill']],
  ['scale-down', [200, 100], [undefined, undefined], undefined],
  ['cover', [200, 100], [undefined, undefined], undefined],
])('%s of %j into %j', (fit, [width, height], area, to) => {
  const fitting = fittingOf({ width, height }, policy(fit, ...area));
  expect(fitting).toEqual(to && { width: to[0], height: to[1], fit: to[2] });
});

describe('for whatever size', () => {
  const sides = [1, 2, 3, 99, 100, 101, 640, 5_000];
  const sizes = sides.flatMap((width) => sides.map((height) => ({ width, height })));

  test('nothing leaves its area, and what is not to grow does not', () => {
    for (const size of sizes)
      for (const area of sizes)
        for (const fit of ['scale-down', 'contain', 'cover', 'crop', 'pad'] as const) {
          const { width, height } = fittingOf(size, policy(fit, area.width, area.height))!;
          expect(width <= area.width && height <= area.height && width >= 1 && height >= 1).toBe(true);
          if (fit === 'scale-down' || fit === 'crop')
            expect(width <= size.width && height <= size.height).toBe(true);
          if (fit === 'cover' || fit === 'pad') expect({ width, height }).toEqual(area);
        }
  });
});
