/** Which form of a picture a client gets. */
import { expect, test } from 'vitest';
import { chooseKind } from '../../src/delivery/picture-kind.ts';

const jpeg = { kind: 'jpeg', mayMove: false } as const;
const gif = { kind: 'gif', mayMove: true } as const;
const movingWebp = { kind: 'webp', mayMove: true } as const;
const avif = { kind: 'avif', mayMove: false } as const;

test.each([
  // Chromium, Firefox and Safari, as they ask for an image.
  ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', jpeg, 'avif'],
  ['image/avif,image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', jpeg, 'avif'],
  ['image/webp,image/png,image/svg+xml,image/*;q=0.8,*/*;q=0.5', jpeg, 'webp'],
  // Clients that know neither say these.
  [undefined, jpeg, 'jpeg'],
  ['*/*', jpeg, 'jpeg'],
  ['image/*', jpeg, 'jpeg'],
  ['', jpeg, 'jpeg'],
  ['text/html', jpeg, 'jpeg'],
  // Weights.
  ['image/avif;q=0, image/webp', jpeg, 'webp'],
  ['image/avif;q=0,image/webp;q=0,image/*', jpeg, 'jpeg'],
  ['image/avif;q=0.5,image/webp;q=0.9', jpeg, 'webp'],
  ['image/avif;q=0.5,*/*', jpeg, 'jpeg'],
  ['image/avif;q=0.5,image/jpeg;q=0.4,*/*', jpeg, 'avif'],
  ['image/webp;q=0.8,image/jpeg', jpeg, 'jpeg'],
  ['image/webp;q=nonsense,*/*', jpeg, 'jpeg'],
  ['image/webp;q=2', jpeg, 'jpeg'],
  ['IMAGE/WEBP ; Q=1', jpeg, 'webp'],
  // Of what is named twice, the first counts.
  ['image/avif;q=0,image/avif', jpeg, 'jpeg'],
  // What moves has no AVIF.
  ['image/avif,image/webp', gif, 'webp'],
  ['image/avif', gif, 'gif'],
  ['image/avif,image/webp', movingWebp, 'webp'],
  // An original that is small already.
  ['image/webp', avif, 'webp'],
  ['image/avif,image/webp', avif, 'avif'],
  ['*/*', avif, 'avif'],
] as const)('%j', (accept, form, expected) => {
  expect(chooseKind(accept, form)).toBe(expected);
});

test('a header of a megabyte takes no time', () => {
  expect(chooseKind('image/webp,'.repeat(100_000), jpeg)).toBe('webp');
});
