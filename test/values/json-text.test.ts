/** Whether a text is JSON: always the verdict of `JSON.parse`, for texts of any depth. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { maxFieldBytes } from '../../src/text/limits.ts';
import { isJsonText } from '../../src/values/json-text.ts';
import { isJson } from '../support/oracles/data-reading.ts';
import { runs, seed } from '../support/seed.ts';

test.each([
  ...[' [ ] ', '{ }', '[[],{}]', '{"a":1 , "a" : [ ]}', '{"__proto__":1}', '-0', '1e999'],
  ...['-1.50e-07', 'true', '"\u007f\u2028"', '"\\u00e9\\ud800"'],
])('%j is JSON', (text) => {
  expect([isJson(text), isJsonText(text)]).toEqual([true, true]);
});

test.each([
  ...['', ' \t\r\n', '\ufeff1', '\u00a01', '1\f', '[1,]', '[1,}]', '{"a":1,]}', '[[1,null,}]]'],
  ...['[,1]', '{"a":1,}', '{"a"}', '{"a" 1}', '{a:1}', "['a']", '[}', '{]', '[1]]', '1 2', '-'],
  ...['01', '1.', '.5', '1e', '1E+', '+1', 'nul', 'nullx', 'NaN', '"\t"', '"\\u00g0"'],
  ...['"\\u00"', '"\\x"', '"\\', '"\\"'],
])('%j is none', (text) => {
  expect([isJson(text), isJsonText(text)]).toEqual([false, false]);
});

test('a million open brackets take no recursion', () => {
  const depth = 1_000_000;
  expect(isJsonText('['.repeat(depth))).toBe(false);
  expect(isJsonText('['.repeat(depth) + ']'.repeat(depth))).toBe(true);
  expect(isJsonText('{"a":'.repeat(depth) + '}'.repeat(depth))).toBe(false);
});

test('a text of escapes, items or white space alone takes no more memory than there is', () => {
  for (const [before, unit, behind] of [
    ['"', '\\n', '"'],
    ['{"a":"', '\\u00e9', '"}'],
    ['[', '1,', '1]'],
    ['[', '"",', '""]'],
    ['[1', ' ', ']'],
    ['[', '[],', '1]'],
    ['[', '1', ']'],
  ] as const) {
    const most = before + unit.repeat(maxFieldBytes / unit.length);
    expect(isJsonText(most + behind)).toBe(true);
    expect(isJsonText(most)).toBe(false);
  }
});

/** What JSON is made of, and what looks like it. */
const pieces = [
  ...[
    ...['{', '}', '[', ']', ',', ':', '"', '\\', '\\u', '\\"', '\\n', '\\/', '\\ud83d', '"a"'],
    ...['""', '"\\u00e9"'],
  ],
  ...['0', '00', '1', '-', '+', '.', 'e', 'E', '1e5', '-0.5E-3', 'true', 'false', 'null', 'undefined', 'tru'],
  ...[' ', '\t', '\n', '\r', '\f', '\0', '\u00a0', '\ufeff', '\u2028', '\xe9', '\ud800', '/', '//', "'", 'a'],
];

const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 14 }).map((texts) => texts.join(''));

/** JSON that is right, in any spacing, and with many items, and up to three places where it is not. */
const damaged = fc
  .tuple(
    fc.json({ maxDepth: 5 }),
    fc.nat(40),
    fc.constantFrom(undefined, 1, '\t', ' \r'),
    fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom('', ...pieces)), { maxLength: 3 }),
  )
  .map(([json, count, space, changes]) => {
    const value: unknown = JSON.parse(json);
    const list = Array.from({ length: count }, () => value);
    const whole = count < 10 ? value : count % 2 === 0 ? list : { ...list };
    let text = JSON.stringify(whole, undefined, space);
    for (const [place, removed, put] of changes) {
      const at = place % (text.length + 1);
      text = text.slice(0, at) + put + text.slice(at + removed);
    }
    return text;
  });

test('so are all texts of six pieces at most', () => {
  const few = ['[', ']', '{', '}', ',', ':', '""', '1'];
  let texts = [''];
  for (let length = 1; length <= 6; length++) {
    texts = texts.flatMap((text) => few.map((piece) => text + piece));
    const wrong = texts.filter((text) => isJsonText(text) !== isJson(text));
    expect(wrong).toEqual([]);
  }
});

test('random texts are JSON exactly where JSON.parse reads them', () => {
  const counts = { json: 0, none: 0 };
  fc.assert(
    fc.property(fc.oneof(soup, damaged), (text) => {
      const expected = isJson(text);
      counts[expected ? 'json' : 'none']++;
      expect(isJsonText(text), JSON.stringify(text)).toBe(expected);
    }),
    { numRuns: runs(20), seed },
  );
  expect(Math.min(counts.json, counts.none)).toBeGreaterThan(runs(20) / 10);
});
