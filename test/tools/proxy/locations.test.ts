/** Absolute redirects of the target: the browser stays at the proxy, and no other site is reached by them. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keepOnProxy } from '../../../src/tools/proxy/fields.ts';
import { runs } from '../../support/seed.ts';

const origin = 'http://127.0.0.1:8080';

describe('Location', () => {
  test.each([
    ['http://127.0.0.1:8080/login?next=/', '/login?next=/'],
    ['HTTP://127.0.0.1:8080/login', '/login'],
    ['//127.0.0.1:8080/login', '/login'],
    ['http://127.0.0.1:8080', '/'],
    ['http://127.0.0.1:8080?a', '/?a'],
    ['http://127.0.0.1:8080#a', '/#a'],
    // As a path alone these would be URLs of another host.
    ['http://127.0.0.1:8080//evil.example/', '/.//evil.example/'],
    ['http://127.0.0.1:8080/\\evil.example/', '/./\\evil.example/'],
    ['http://127.0.0.1:8080/\t/evil.example/', '/./\t/evil.example/'],
  ])('%s becomes %s', (value, kept) => {
    expect(keepOnProxy('location', value, origin)).toBe(kept);
    const url = new URL(kept, 'https://shop.example/x');
    expect(url.host).toBe('shop.example');
  });

  test.each([
    '/login',
    'login',
    '',
    'http://127.0.0.1:80801/',
    'http://127.0.0.1:8080.evil.example/',
    'http://127.0.0.1:8080@evil.example/',
    'https://127.0.0.1:8080/',
    'http://127.0.0.1/',
    'https://shop.example/http://127.0.0.1:8080/',
  ])('%s stays', (value) => {
    expect(keepOnProxy('location', value, origin)).toBe(value);
  });
});

test.each([
  ['0; url=http://127.0.0.1:8080/next', '0; url=/next'],
  ["5;URL='http://127.0.0.1:8080/next'", "5;URL='/next'"],
  ['1.5, http://127.0.0.1:8080/next', '1.5, /next'],
  ['5', '5'],
  ['0; url=https://other.example/', '0; url=https://other.example/'],
])('Refresh: %s becomes %s', (value, kept) => {
  expect(keepOnProxy('refresh', value, origin)).toBe(kept);
});

test('whatever a field holds, a browser stays at the proxy if the site has sent it to itself, and else goes where it was sent', () => {
  const piece = fc.constantFrom(
    ...['/', '\\', '\t', '.', '..', '?', '#', '@', ':', '80', ' ', '%2f', 'evil.example', 'a', 'HTTP:'],
    origin,
  );
  const value = fc.tuple(fc.constantFrom(origin, origin.slice(5), ''), fc.array(piece, { maxLength: 8 }));
  fc.assert(
    fc.property(value, ([begin, pieces]) => {
      const sent = `${begin}${pieces.join('')}`.trim(); // as a parser of HTTP gives it
      const kept = keepOnProxy('location', sent, origin);
      const resolve = (text: string, base: string): URL | undefined =>
        URL.canParse(text, base) ? new URL(text, base) : undefined;
      const [direct, proxied] = [resolve(sent, `${origin}/x`), resolve(kept, 'http://shop.example/x')];
      expect(proxied === undefined).toBe(direct === undefined);
      if (direct === undefined || proxied === undefined) return;
      if (direct.origin !== origin) expect(proxied.origin).toBe(direct.origin);
      else expect([origin, 'http://shop.example']).toContain(proxied.origin);
      // Read once more behind a dot: Node.js leaves the last dots of `//.a/..`, which a browser removes.
      const pathOf = ({ pathname, search, hash }: URL): string =>
        new URL(`/.${pathname}${search}${hash}`, origin).href;
      expect(pathOf(proxied)).toBe(pathOf(direct));
    }),
    { numRuns: runs(20) },
  );
});
