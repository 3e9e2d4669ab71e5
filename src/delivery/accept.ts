/** Which form of a picture a client gets, by its `Accept` (RFC 9110, 12.5.1). */
import type { PictureForm, PictureKind } from './picture-kind.ts';
import { mediaTypes } from './picture-kind.ts';

/** The smaller forms, the smallest first. Clients that show them name them. */
const smaller: readonly PictureKind[] = ['avif', 'webp'];

/**
 * A smaller form goes out only to a client that names it, and does not like the original's form better: `image/*` and `*\/*`
 * are sent by clients that show JPEG alone, too. Where nothing is acceptable, the original's form goes out all the same.
 */
export function chooseKind(accept: string | undefined, { kind, mayMove }: PictureForm): PictureKind {
  if (accept === undefined) return kind;
  const ranges = parseAccept(accept);
  let best = kind;
  let bestWeight = weightOf(ranges, mediaTypes[kind]);
  let isBestNamed = smaller.includes(kind) && ranges.has(mediaTypes[kind]);
  for (const each of smaller) {
    // An AVIF that moves cannot be made.
    if (each === kind || (each === 'avif' && mayMove)) continue;
    const weight = ranges.get(mediaTypes[each]) ?? 0;
    if (weight === 0 || weight < bestWeight || (weight === bestWeight && isBestNamed)) continue;
    [best, bestWeight, isBestNamed] = [each, weight, true];
  }
  return best;
}

/** By media range in lower case, its weight. Of ranges with parameters, which images have none of, the type counts. */
function parseAccept(accept: string): ReadonlyMap<string, number> {
  const ranges = new Map<string, number>();
  for (const part of accept.slice(0, 1_024).split(',')) {
    const [type = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    const quality = parameters.find((each) => each.startsWith('q='));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    // A weight that is none does not count as a wish.
    if (!ranges.has(type)) ranges.set(type, weight >= 0 && weight <= 1 ? weight : 0);
  }
  return ranges;
}

/** Of a type that may be named by a range: the most specific one counts. */
function weightOf(ranges: ReadonlyMap<string, number>, type: string): number {
  return ranges.get(type) ?? ranges.get('image/*') ?? ranges.get('*/*') ?? 0;
}
