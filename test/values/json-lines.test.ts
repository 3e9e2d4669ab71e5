/** Lines of JSON: each is read by itself, whatever the one before was. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JsonStringScanner } from '../../src/values/json-scanner.ts';
import { createJsonUnitScanner } from '../../src/values/units.ts';
import { cutAt } from '../support/generators/chunks.ts';
import { isJson } from '../support/oracles/data-reading.ts';
import { runs } from '../support/seed.ts';

/** The strings that are found, with the names of their members. */
function valuesIn(lines: string, places: readonly number[] = []): string[] {
  const found: string[] = [];
  const strings = new JsonStringScanner(
    {
      readsNames: true,
      stringValue(bytes, start, end, name) {
        found.push(`${name === undefined ? '' : `${name}: `}${bytes.toString('utf8', start, end)}`);
      },
      tooLong: () => found.push('too long'),
    },
    0,
  );
  const scanner = createJsonUnitScanner(strings, '\n', (bytes, start, end) => {
    const line = bytes.toString('utf8', start, end).replace(/^[EP]\d:/, '');
    return line.trim() === '' || isJson(line);
  });
  // As a body is read: bytes that are no longer needed are dropped from the front.
  let held: Buffer = Buffer.alloc(0);
  for (const chunk of cutAt(places, Buffer.from(lines))) {
    held = Buffer.concat([held, chunk]);
    scanner.scan(held, held.length);
    const from = scanner.heldFrom;
    held = held.subarray(from);
    scanner.rebase(from);
  }
  scanner.end(held, held.length);
  return found;
}

describe('string values of lines', () => {
  test.each<[title: string, lines: string, values: string[]]>([
    ['of one line', '["a"]', ['a']],
    ['of lines', '{"k":"a"}\n["b","c"]\r\n\n"d"\n', ['k: a', 'b', 'c', 'd']],
    ['that are the whole line', '"a"\n"b"', ['a', 'b']],
    ['behind a line that ends in a string', '{"k":"a\n["b"]', ['b']],
    ['behind a line that ends in an escape', '{"k":"a\\\n["b"]', ['b']],
    ['behind a line that is no JSON', 'function () { return " }\n["b"]\n', ['b']],
    ['behind a line that ends in a name', '{"k":\n"b"', ['b']],
    ['behind a name without its colon', '{"k"\n"b"', ['b']],
    ['but none of a line that is no JSON', '{"a":"b",}\n"c" d\n:"e"\n["f"]', ['f']],
    ['of React Router', '[{"_1":2},"k","a"]\nP3:[["Z",2],"b"]\nE4:["c"]\n', ['k', 'a', 'Z', 'b', 'c']],
    ['of SvelteKit', '{"type":"chunk","id":1,"data":[{"k":1},"a"]}\n', ['type: chunk', 'a']],
  ])('%s', (_title, lines, values) => {
    expect(valuesIn(lines)).toEqual(values);
    for (let at = 0; at <= lines.length; at++) expect(valuesIn(lines, [at])).toEqual(values);
    expect(valuesIn(lines, [...Array.from(lines).keys()])).toEqual(values);
  });

  test.each<[title: string, lines: string, values: string[]]>([
    ['is left out of its line', `["${'a'.repeat(65_537)}","b"]\n"c"`, ['too long', 'b', 'c']],
    ['and never ends is forgotten at the end of its line', `["${'a'.repeat(70_000)}\n"c"`, ['c']],
  ])('a string that is too long %s', (_title, lines, values) => {
    for (const places of [[], [9, 65_540], [66_000, 68_000]]) expect(valuesIn(lines, places)).toEqual(values);
  });
});

test('property: lines have the values that each of them has alone, wherever they are cut', () => {
  const line = fc.oneof(
    fc.jsonValue().map((value) => JSON.stringify(value)),
    fc.string().map((text) => text.replaceAll('\n', '')),
    fc.constantFrom('"', '{"k":"a', '["\\', 'P1:["a"]', ''),
  );
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 5 }), (lines, places) => {
      const text = lines.join('\n');
      expect(valuesIn(text)).toEqual(lines.flatMap((each) => valuesIn(each)));
      expect(valuesIn(text, places)).toEqual(valuesIn(text));
    }),
    { numRuns: runs(3) },
  );
});
