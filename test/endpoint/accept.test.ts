/** Who gets JSON: who names it, and does not name text with more weight, or before it. */
import { expect, test } from 'vitest';
import { prefersJson } from '../../src/endpoint/accept.ts';

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
])('JSON for %s', (accept) => {
  expect(prefersJson(accept)).toBe(true);
});

test.each<[accept: string]>([
  [''],
  ['*/*'],
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'],
  ['application/*'],
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
