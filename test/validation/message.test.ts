/** What of a wrong value a message repeats. A key may have been pasted anywhere, so the rest is told by its length. */
import { describe, expect, test } from 'vitest';
import {
  asBase,
  asDate,
  asFlag,
  asNumber,
  describeSecret,
  type Shown,
} from '../../src/validation/message.ts';

const isShown = (shown: Shown, text: string): boolean => shown(text) === text;

describe('a number, with its unit', () => {
  test.each([
    ...['5', '+5', '-5', '1.5', '1.125', '1234567890', '5 s', '5s', '5M', '6h', '1d', '2w', '100 x', '7y'],
    ...['5ms', '320px', '5 sec', '5 secs', '5 second', '5 seconds', '5 milliseconds', '5 millisec'],
    ...['1 min', '2 mins', '1 minute', '2 minutes', '1 hr', '2 hrs', '1 hour', '2 hours', '1 day', '2 days'],
    ...['1 week', '2 weeks', '1 month', '3 years'],
  ])('%s is shown', (text) => {
    expect(isShown(asNumber, text)).toBe(true);
  });

  test.each([
    ...['12345678901', '1.1234', '1.', '.5', '5  s', '5 parsecs', 's5', '5s5', 'x 5', '5 s ', '1e9'],
    ...['0x10', '--5'],
  ])('%s is not', (text) => {
    expect(isShown(asNumber, text)).toBe(false);
  });
});

test.each([
  ['2026-09-21', true],
  ['2026-09-21T14:13:20.000Z', true],
  ['2026-09-21 14:13:20+02:00', true],
  ['2026-09-21T', true],
  ['2026-09-21T12345678901234567890', true],
  ['2026-09-21T123456789012345678901', false],
  ['2026-09-21x', false],
  ['2026-9-21', false],
  ['2026-09-2', false],
  ['x2026-09-21', false],
  ['2026-09-21Tkey', false],
])('the date %s is shown: %s', (text, shown) => {
  expect(isShown(asDate, text)).toBe(shown);
});

test.each([
  ...['true', 'FALSE', 'yes', 'No', 'on', 'off', '0', '1'].map((text) => [text, true] as const),
  ...['2', 'truer', 'untrue', 'yes!', '01', '10'].map((text) => [text, false] as const),
])('the flag %s is shown: %s', (text, shown) => {
  expect(isShown(asFlag, text)).toBe(shown);
});

describe('a base', () => {
  test.each<[text: string, shown: string | undefined]>([
    ['https://shop.example', 'https://shop.example'],
    ['https://shop.example/images', 'https://shop.example/images'],
    ['https:/shop.example', 'https:/shop.example'],
    ['https://shop.example:8443/images', 'https://shop.example:8443/images'],
    ['https://shop.example:12345', 'https://shop.example:12345'],
    ['https://[::1]:8080/images', 'https://[::1]:8080/images'],
    ['https://*.shop.example', 'https://*.shop.example'],
    ['https://bücher.example', 'https://bücher.example'],
    ['ftp://shop.example', 'ftp://shop.example'],
    // the path may be a key, the host is none
    ['https://shop.example/correct-horse-battery', 'https://shop.example/…'],
    ['https://shop.example?key', 'https://shop.example/…'],
    ['https://shop.example#key', 'https://shop.example/…'],
    ['https://shop.example\\key', 'https://shop.example/…'],
    ['https://[::1]/correct-horse-battery', 'https://[::1]/…'],
    // no origin
    ['https://shop.example:12345678', undefined],
    ['https:///cdn.shopper', undefined],
    ['x://shop.example/k3y', undefined],
    ['abcdefghijk://shop.example', undefined],
    ['see https://shop.example', undefined],
    ['https://shop.example!', undefined],
    ['https://[shop]', undefined],
    ['https://me:secret@shop.example', undefined],
    ['/images@2x', undefined],
    ['me@shop', undefined],
    // paths and names
    ['/images', '/images'],
    ['/images/products/large/card', '/images/products/large/card'],
    ['/correct-horse-battery', undefined],
    ['shop.example', 'shop.example'],
    ['correct-horse-battery', undefined],
    ['images/products/large/card/x', 'images/products/large/card/x'],
    ['images%2Fproducts', undefined],
    ['/a%2Fb', '/a%2Fb'],
  ])('%s is shown as %s', (text, shown) => {
    expect(asBase(text)).toBe(shown);
  });
});

test.each<[value: unknown, shown: string]>([
  [5, 'a number'],
  ['thumb', 'text of 5 characters'],
  ['', "''"],
  [true, 'true'],
  [undefined, 'undefined'],
  [() => 'x', 'a function'],
  [['x'], 'a list of 1'],
  [null, 'null'],
  [5n, 'bigint'],
  [Object.create(null), 'an empty object'],
  [{ x: 1 }, 'an object'],
  [new Date(), 'an instance of Date'],
])('%o in the place of a key is told as %s', (value, shown) => {
  expect(describeSecret(value)).toBe(shown);
});
