import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unescapeJson } from '../../src/values/json-escapes.ts';
import { JsonStringScanner } from '../../src/values/json-scanner.ts';
import { cutAt } from '../support/generators/chunks.ts';
import { runs } from '../support/seed.ts';

function valuesIn(json: string, places: readonly number[] = []): string[] {
  const found: string[] = [];
  const bytes = Buffer.from(json, 'utf8');
  const stringValue = (source: Buffer, start: number, end: number): void => {
    const unescaped = unescapeJson(source.toString('latin1', start, end), start);
    found.push(
      unescaped === undefined ? 'no string' : Buffer.from(unescaped.text, 'latin1').toString('utf8'),
    );
  };
  const scanner = new JsonStringScanner(
    { readsNames: false, stringValue, tooLong: () => found.push('too long') },
    0,
  );
  let to = 0;
  for (const chunk of cutAt(places, bytes)) {
    to += chunk.length;
    scanner.scan(bytes, to);
  }
  scanner.end(bytes, bytes.length);
  return found;
}

describe('string values of JSON', () => {
  test.each<[json: string, values: string[]]>([
    ['"a"', ['a']],
    [' "a" ', ['a']],
    ['{"k":"a","l" : "b"}', ['a', 'b']],
    ['{"k":["a","b",{"l":"c"}],"m":1}', ['a', 'b', 'c']],
    ['["a" , "b"\n]', ['a', 'b']],
    ['["\\"", "\\\\", "a\\/b", "\\u0026"]', ['"', '\\', 'a/b', '&']],
    ['["\\u00e9\\ud83d\\ude00é"]', ['é😀é']],
    ['["\\x"]', ['no string']],
    ['["\\u12"]', ['no string']],
    ['["a\nb"]', ['no string']],
    ['{"a":"b', []],
    ['{"a"', []],
    ['', []],
  ])('%j: %j', (json, values) => {
    expect(valuesIn(json)).toEqual(values);
    for (let at = 0; at <= json.length; at++) expect(valuesIn(json, [at])).toEqual(values);
  });

  test('a string is as long as it may be, and no longer', () => {
    for (const length of [65_535, 65_536, 65_537]) {
      const json = `{"a":"${'a'.repeat(length)}","b":"next"}`;
      const expected = [length <= 65_536 ? 'a'.repeat(length) : 'too long', 'next'];
      expect(valuesIn(json)).toEqual(expected);
      expect(valuesIn(json, [65_544, 65_543, 10])).toEqual(expected);
    }
  });

  test('one that has to wait for what follows it waits no longer', () => {
    const json = `["x","a"${' '.repeat(70_000)},"b"]`;
    expect(valuesIn(json)).toEqual(['x', 'too long', 'b']);
    expect(valuesIn(json, [65_540, 66_000, 70_000])).toEqual(['x', 'too long', 'b']);
  });
});

test('property: what JSON.parse finds, this finds, wherever it is cut', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.option(fc.nat(3)),
      fc.array(fc.nat(), { maxLength: 5 }),
      (value, indent, places) => {
        const json = JSON.stringify(value, null, indent ?? undefined);
        const strings: string[] = [];
        JSON.parse(json, (_key, each) => {
          if (typeof each === 'string') strings.push(each);
          return each;
        });
        const isWhole = strings.every((each) => each.isWellFormed());
        if (isWhole) expect(valuesIn(json).sort()).toEqual(strings.sort());
        expect(valuesIn(json, places)).toEqual(valuesIn(json));
      },
    ),
    { numRuns: runs(3) },
  );
});
