/** What a target asks for: an image by its URL, the endpoint itself, or nothing that is the endpoint's. */
import { expect, test } from 'vitest';
import { routeOf, urlInQuery } from '../../src/endpoint/route.ts';

const image = (url: string): object => ({ kind: 'image', url });
const endpoint = (query: string): object => ({ kind: 'endpoint', query });

test.each<[target: string, expected: object | undefined]>([
  ['/', endpoint('')],
  ['/?url=x', endpoint('url=x')],
  ['/?url=/a?b', endpoint('url=/a?b')],
  ['/https://h/a/b/c', image('https://h/a/b/c')],
  ['/https:/h/a/b/c', image('https://h/a/b/c')],
  ['/http:/h/a/b/c?x=1', image('http://h/a/b/c?x=1')],
  ['/HTTPS://h/a/b/c', image('HTTPS://h/a/b/c')],
  ['/https:///h/a/b/c', image('/https:///h/a/b/c')],
  ['/https:h/a/b/c', image('/https:h/a/b/c')],
  ['//https://h/a/b/c', image('https://h/a/b/c')],
  ['//h/a/b/c', image('/h/a/b/c')],
  ['/images/a/b/c', image('/images/a/b/c')],
  ['/javascript:alert(1)', image('/javascript:alert(1)')],
  ['/https://h/a/b/c?', image('https://h/a/b/c?')],
  ['http://host/https://h/a/b/c', image('https://h/a/b/c')],
  ['http://host?url=x', endpoint('url=x')],
  ['http://host', endpoint('')],
  ['*', undefined],
  ['', undefined],
  ['https:/h/a/b/c', undefined],
])('without a mount: %s', (target, expected) => {
  expect(routeOf(target)).toEqual(expected);
});

test.each<[target: string, expected: object | undefined]>([
  ['/sign', endpoint('')],
  ['/sign?url=x', endpoint('url=x')],
  ['/sign/?url=x', endpoint('url=x')],
  ['/sign//?url=x', endpoint('url=x')],
  ['/sign/https://h/a/b/c?x=/sign', image('https://h/a/b/c?x=/sign')],
  ['/sign//h/a/b/c', image('/h/a/b/c')],
  ['http://host/sign/https://h/a/b/c', image('https://h/a/b/c')],
  ['/', undefined],
  ['/signs', undefined],
  ['/signhttps://h/a/b/c', undefined],
  ['/SIGN', undefined],
  ['/%73ign', undefined],
  ['//sign', undefined],
  ['/x/sign', undefined],
  ['/?/sign', undefined],
  ['*', undefined],
])('at /sign: %s', (target, expected) => {
  expect(routeOf(target, '/sign')).toEqual(expected);
});

test.each<[query: string, expected: string | undefined]>([
  ['url=https%3A%2F%2Fh%2Fa%3Fb%3D1%26c%3D2', 'https://h/a?b=1&c=2'],
  ['url=https://h/a?b=1', 'https://h/a?b=1'],
  ['url=a%20b+c', 'a b c'],
  ['%75rl=x', 'x'],
  ['url=', ''],
  ['url=https://h/a?b=1&c=2', undefined],
  ['url=x&url=y', undefined],
  ['url=x&%75rl=x', undefined],
  ['url=x&', 'x'],
  ['url[]=x', undefined],
  ['URL=x', undefined],
  ['?url=x', undefined],
  ['', undefined],
])('the url of a query: %s', (query, expected) => {
  expect(urlInQuery(query)).toBe(expected);
});
