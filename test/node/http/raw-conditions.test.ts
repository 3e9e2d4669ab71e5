import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { mayBeConditional } from '../../../src/node/http/raw-conditions.ts';

test.each<[string, Partial<IncomingMessage>, boolean]>([
  [
    'none',
    { rawHeaders: ['Host', 'a', 'Referer', 'b', 'x-if-match', 'range'], headers: { host: 'a' } },
    false,
  ],
  [
    'a value that looks like one',
    { rawHeaders: ['a', 'if-none-match'], headers: { a: 'if-none-match' } },
    false,
  ],
  [
    'one in any case',
    { rawHeaders: ['Host', 'a', 'IF-None-Match', '"b"'], headers: { 'if-none-match': '"b"' } },
    true,
  ],
  ['a range', { rawHeaders: ['Range', 'bytes=0-1'], headers: { range: 'bytes=0-1' } }, true],
  ['one that was removed', { rawHeaders: ['if-match', '"b"'], headers: {} }, false],
  ['no raw headers', { headers: { 'if-modified-since': 'x' } }, true],
  ['empty raw headers', { rawHeaders: [], headers: { 'if-range': 'x' } }, true],
])('a request with %s', (_, request, expected) => {
  expect(mayBeConditional(request as IncomingMessage)).toBe(expected);
});

test('`headers` are not read where no raw one is a condition', () => {
  const request = {
    rawHeaders: ['Host', 'a', 'Range-Unit', 'b'],
    get headers(): never {
      throw new Error('read');
    },
  };
  expect(mayBeConditional(request as never)).toBe(false);
});
