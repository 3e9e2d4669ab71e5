/** Which clients get JSON: those that name it and do not prefer text, and those that refuse text. */
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { prefersJson } from '../../src/endpoint/accept.ts';
import { randomFrom } from '../support/random.ts';
import { seed } from '../support/seed.ts';

test.each<[accept: string]>([
  ['application/json'],
  ['APPLICATION/JSON; charset=utf-8'],
  ['application/json, text/plain, */*'], // axios
  ['application/json, */*'],
  ['*/*, application/json'],
  ['text/html, application/json;q=0.9'],
  ['application/json;q=0.1'],
  ['application/json; q = 0.1'],
  ['text/plain;q=0.5, application/json'],
  ['text/plain;q=0, application/json;q=0.001'],
  ['application/json;q=0.8, */*;q=0.1'],
  ['text/plain;q=0.2, */*, application/json;q=0.3'],
  ['text/*;q=0, */*'],
  ['text/plain;q=0, */*'],
  ['*/*, text/*;q=0'],
  ['text/plain;q=0, text/*, */*'],
  ['application/*'],
  ['application/*, */*'],
  ['application/*, text/*;q=0.9'],
  ['text/*, application/json'],
  ['application/json;q=0, application/json'],
])('JSON for %s', (accept) => {
  expect(prefersJson(accept)).toBe(true);
});

test.each<[accept: string]>([
  [''],
  ['*/*'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['text/*, */*'],
  ['text/*'],
  ['text/*;q=0.5, */*'],
  ['text/plain;q=0.5, text/*;q=0, application/*;q=0.1'],
  ['application/json;q=0, application/*, */*'],
  ['application/json;q=0, application/*'],
  ['text/plain, application/*'],
  ['application/*, text/plain'],
  ['text/*;q=0, */*;q=0'],
  ['text/*;q=0, application/json;q=0, */*'],
  ['image/*'],
  ['application/json;q=0'],
  ['application/json;q=0.000, image/png'],
  ['application/json;q=yes'],
  ['application/json;q=-1'],
  ['text/plain, application/json'],
  ['text/plain;q=0.5, application/json;q=0.5'],
  ['application/json;q=0.5, text/plain'],
  ['application/json;q=0.5, */*'],
  ['application/ld+json'],
  ['xapplication/json'],
  [','],
])('text for %s', (accept) => {
  expect(prefersJson(accept)).toBe(false);
});

const require = createRequire(import.meta.url);
// Express has it; it is no dependency of this package, and brings no types.
const Negotiator = createRequire(require.resolve('express'))('negotiator') as new (request: {
  readonly headers: { readonly accept: string };
}) => { mediaTypes(available: string[]): string[] };

test('where only one of the two is acceptable to negotiator, the client gets that one', () => {
  const random = randomFrom(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const types = ['text/plain', 'text/*', '*/*', 'application/json', 'application/*', 'text/html', 'image/*'];
  const weights = ['', '', ';q=0', ';q=0.0', ';q=0.001', ';q=0.5', '; q=0.9', ';q=1.0'];
  const counts = { json: 0, text: 0 };
  for (let round = 0; round < 20_000; round++) {
    const ranges = Array.from({ length: 1 + Math.floor(random() * 5) }, () => pick(types) + pick(weights));
    const accept = ranges.join(pick([',', ', ']));
    const acceptable = new Negotiator({ headers: { accept } }).mediaTypes(['text/plain', 'application/json']);
    if (acceptable.length !== 1) continue;
    const isJson = acceptable[0] === 'application/json';
    counts[isJson ? 'json' : 'text']++;
    expect(prefersJson(accept), `${accept} (SEED=${seed})`).toBe(isJson);
  }
  expect(Math.min(counts.json, counts.text)).toBeGreaterThan(500);
});
