/** Which expressions of `secure_link_md5` are taken, and that a token of each of those says one thing. */
import { expect, test } from 'vitest';
import { nginxSecureLink } from '../../src/schemes.ts';
import { nginxToken } from '../support/oracles/nginx-token.ts';
import { callsOf } from '../support/schemes/calls.ts';

const url = 'https://photos.example/p';
const secret = 'a-secret-of-nobody';
const make = (expression: unknown) => nginxSecureLink({ url, key: secret, expression } as never);

test.each([
  '$secure_link_expires$uri $key',
  '$key$secure_link_expires$uri',
  `\${key}1\${secure_link_expires}2\${uri}3`,
  '$uri $secure_link_expires $key',
  '$URI:$Secure_Link_Expires$key',
  '$secure_link_expires$key$uri',
  'photos.example $key\t$uri\n$secure_link_expires',
])('%j is signed as nginx computes it', (expression) => {
  const signed = callsOf(make(expression)).sign(`${url}/a%20b1.jpg`, 1_790_000_000);
  const plain = expression.replaceAll(/\$\{?\w+/g, (name) => name.toLowerCase());
  const token = nginxToken(plain, { uri: '/p/a b1.jpg', exp: 1_790_000_000, key: secret });
  expect(signed).toBe(`${url}/a%20b1.jpg?md5=${token}&expires=1790000000`);
});

/** All paths and expiries that are written with two characters each. */
const paths = ['1', ' ', '1/1', '11', ' 1', '1 ', '111', '1 1', '11 1', '1: 1'].map((name) => `/${name}`);
const expiries = ['1', '11', '111', '1111', '11111'];
const between = ['', '1', '11', ' ', '1 ', ' 1', ':', '1:1'];
const orders = [
  ['$secure_link_expires', '$uri', '$key'],
  ['$secure_link_expires', '$key', '$uri'],
  ['$uri', '$secure_link_expires', '$key'],
  ['$uri', '$key', '$secure_link_expires'],
  ['$key', '$uri', '$secure_link_expires'],
  ['$key', '$secure_link_expires', '$uri'],
] as const;

const expressions = orders.flatMap(([first, second, third]) =>
  between.flatMap((one) =>
    between.map((two) => `\${${first.slice(1)}}${one}\${${second.slice(1)}}${two}\${${third.slice(1)}}`),
  ),
);

/** Two readings of one text that is hashed; undefined if there are none. */
function collision(expression: string, key: string): string | undefined {
  const seen = new Map<string, string>();
  for (const uri of paths) {
    for (const exp of expiries) {
      const token = nginxToken(expression, { uri, exp: Number(exp), key });
      const reading = `${uri} until ${exp}`;
      if (seen.has(token)) return `${expression}: ${seen.get(token)}, and ${reading}`;
      seen.set(token, reading);
    }
  }
  return undefined;
}

test('a token of an expression that is taken has one reading, also if the secret is of digits', () => {
  let taken = 0;
  for (const expression of expressions) {
    try {
      make(expression);
    } catch {
      continue;
    }
    taken++;
    for (const key of ['1', '11', 'x', '1 1']) expect(collision(expression, key)).toBeUndefined();
  }
  expect(taken).toBeGreaterThan(expressions.length / 2);
});

test('one that is refused has two readings, with some secret', () => {
  for (const expression of expressions) {
    try {
      make(expression);
    } catch {
      const found = ['1', '11', 'x'].map((key) => collision(expression, key)).find(Boolean);
      expect(found, expression).toBeDefined();
    }
  }
});
