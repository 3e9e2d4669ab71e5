/** The charset of a `Content-Type`: what Chromium takes for it is asked in `rewriting/charset-browser.test.ts`. */
import { expect, test } from 'vitest';
import { decideRewrite } from '../../src/http/eligibility.ts';
import { classifyMetaLabel, findCharset, isUnreadable } from '../../src/text/charset.ts';
import { charsetOf, settledCharset } from '../../src/text/mime-type.ts';
import encodingLabels from '../vectors/encoding-labels.json' with { type: 'json' };

const { asciiCompatible, others } = encodingLabels;

type Decision = 'known' | 'unknown' | 'passes';

function decisionOf(type: string): Decision {
  const header = (name: string): string => (name === 'content-type' ? type : '');
  const decision = decideRewrite(
    { status: 200, fields: { get: header }, isReadable: true },
    { html: true, json: true, events: false },
  );
  if ('pass' in decision) return decision.pass === 'charset' ? 'passes' : expect.fail(type);
  return settledCharset(type) === undefined ? 'unknown' : 'known';
}

test.each<[type: string, charset: string | undefined, decision: Decision]>([
  ['text/html', undefined, 'unknown'],
  ['text/html; charset=utf-8', 'utf-8', 'known'],
  ['text/html;charset=UTF-8', 'UTF-8', 'known'],
  ['text/html; CHARSET="utf-8"', 'utf-8', 'known'],
  ['text/html; charset="utf\\-8"', 'utf-8', 'known'],
  ['text/html; charset= utf-8 ', ' utf-8', 'known'],
  ['text/html; charset="utf-8', 'utf-8', 'known'],
  ['text/html; charset="utf-8\\', 'utf-8', 'known'],
  ['text/html; charset=utf-8; charset=iso-2022-jp', 'utf-8', 'known'],
  ['text/html; charset=iso-2022-jp; charset=utf-8', 'iso-2022-jp', 'passes'],
  ['text/html; a="; charset=utf-8"; charset=iso-2022-jp', 'iso-2022-jp', 'passes'],
  ['text/html; charset=; charset=iso-2022-jp', 'iso-2022-jp', 'passes'],
  ['text/html; charset; charset=iso-2022-jp', 'iso-2022-jp', 'passes'],
  ['text/html; charset=""; charset=iso-2022-jp', '', 'unknown'],
  ['text/html; charset=x-nobody; charset=iso-2022-jp', 'x-nobody', 'unknown'],
  ['text/html; charset =utf-8', undefined, 'unknown'],
  ['text/html; a=charset=utf-8', undefined, 'unknown'],
  ["text/html; charset='utf-8'", "'utf-8'", 'unknown'],
  ["text/html; charset='iso-2022-jp'", "'iso-2022-jp'", 'unknown'],
  ['text/html; charset=utf-8\u0100', undefined, 'unknown'],
  ['text/html; charset=utf-8, text/html; charset=iso-2022-jp', 'utf-8, text/html', 'unknown'],
])('%j names %j, which is %s', (type, charset, decision) => {
  expect(charsetOf(type)).toBe(charset);
  expect(decisionOf(type)).toBe(decision);
});

const isAsciiCompatible = (label: string): boolean => findCharset(label) !== undefined;

test('no label of the Encoding Standard is taken for one of another kind', () => {
  const labels = (table: Readonly<Record<string, string>>): string[] =>
    Object.values(table).flatMap((each) => each.split(' '));
  for (const label of labels(asciiCompatible)) expect([label, isUnreadable(label)]).toEqual([label, false]);
  for (const label of labels(others)) {
    expect([label, isAsciiCompatible(label), isUnreadable(label)]).toEqual([label, false, true]);
    // A page that could be read at all by a browser that had to find this in it is no UTF-16.
    const isWide = /^(?:u|csu|iso-10646)/.test(label);
    expect([label, classifyMetaLabel(label)]).toEqual([label, isWide ? 'utf-8' : 'unreadable']);
  }
});

test('every name that is taken for a known one is a label of the Encoding Standard', () => {
  const all = new Set(Object.values(asciiCompatible).flatMap((each) => each.split(' ')));
  const families = 'windows- cp x-cp iso-8859- iso8859- latin koi8- x-mac- x- ibm'.split(' ');
  const ends = [...Array(1300).keys(), 'r', 'u', '8-i', 'gbk', 'euc-jp', 'sjis'];
  const made = families.flatMap((family) => ends.map((end) => `${family}${end}`));
  const known = [...all, ...made].filter(isAsciiCompatible);
  expect(known.filter((label) => !all.has(label))).toEqual([]);
  expect(known.length).toBeGreaterThan(90);
});

test.each([
  ['in a value', (space: string) => `text/html; charset=a${space}b`],
  ['in quotes', (space: string) => `text/html; charset="a${space}b"`],
])('white space %s costs no more than its length', (_title, typeWith) => {
  const started = performance.now();
  decisionOf(typeWith(' '.repeat(60_000)));
  expect(performance.now() - started).toBeLessThan(1_000);
});
