/** What the target is told of the client, where the connection is of a kind that the other tests do not make. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  addForwarded,
  extendForwarded,
  isForged,
  tellsOfClient,
} from '../../../src/tools/proxy/forwarding.ts';
import { runs } from '../../support/seed.ts';

function forwardedFields(connection: Parameters<typeof addForwarded>[1]): Record<string, string | string[]> {
  const fields: Record<string, string | string[]> = {};
  addForwarded(fields, connection);
  return fields;
}

test.each([
  ['2001:db8::1', '2001:db8::1', 'for="[2001:db8::1]";host="a";proto=http'],
  ['::ffff:192.0.2.1', '192.0.2.1', 'for=192.0.2.1;host="a";proto=http'],
])('an address of IPv6 is written as its standard has it: %s', (address, plain, element) => {
  const fields = forwardedFields({ address, host: 'a' });
  expect(fields['x-forwarded-for']).toBe(plain);
  expect(fields['forwarded']).toBe(element);
});

test('a client that has gone, or names no host, leaves nothing empty', () => {
  expect(forwardedFields({ address: undefined, host: '' })).toEqual({
    'x-forwarded-port': '80',
    'x-forwarded-proto': 'http',
    forwarded: 'for=unknown;proto=http',
  });
});

const told = (address: string, host: string, port: string, proto: string): Record<string, string> => ({
  'x-forwarded-for': address,
  'x-forwarded-host': host,
  'x-forwarded-port': port,
  'x-forwarded-proto': proto,
});

test('both ways to say it are continued if a trusted proxy has used both', () => {
  const given = { forwarded: 'for=192.0.2.1;proto=https', 'x-forwarded-for': '192.0.2.1' };
  const fields: Record<string, string | string[]> = {};
  extendForwarded(fields, given, { address: '127.0.0.1', host: 'a' });
  expect(fields).toMatchObject({
    forwarded: 'for=192.0.2.1;proto=https, for=127.0.0.1;host="a";proto=http',
    'x-forwarded-for': '192.0.2.1, 127.0.0.1',
  });
});

test.each([
  [{ 'x-forwarded-proto': 'https' }, told('127.0.0.1', 'a', '443', 'https')],
  [
    { 'x-forwarded-host': 'b:8443', 'x-forwarded-for': '192.0.2.1' },
    told('192.0.2.1, 127.0.0.1', 'b:8443', '8443', 'http'),
  ],
  [{ forwarded: 'proto=https' }, { forwarded: 'proto=https, for=127.0.0.1;host="a";proto=http' }],
])('what a trusted proxy has said by %j is not contradicted in the other way', (given, expected) => {
  const fields: Record<string, string | string[]> = {};
  extendForwarded(fields, given, { address: '127.0.0.1', host: 'a' });
  expect(fields).toEqual(expected);
});

test.each([
  ['x-forwarded-for', true],
  ['x_forwarded_for', true],
  ['x-forwarded_anything', true],
  ['x_real_ip', true],
  ['forwarded', true],
  ['x.forwarded.for', true],
  ['x-forwarded', true],
  ['x-forward', false],
  ['referer', false],
])('%s tells of the client: %s', (name, tells) => {
  expect(tellsOfClient(name)).toBe(tells);
});

test('whatever stands between its words, a name that a target may take for one of these is not believed', () => {
  // What a name may hold beside letters and digits (RFC 9110, 5.6.2).
  const separator = fc.constantFrom(..."!#$%&'*+-.^_`|~");
  const words = fc.constantFrom(['x', 'forwarded', 'for'], ['x', 'forwarded', 'host'], ['x', 'real', 'ip']);
  fc.assert(
    fc.property(words, separator, separator, ([first, second, third], one, other) => {
      const name = `${first}${one}${second}${other}${third}`;
      expect(tellsOfClient(name)).toBe(true);
      expect(isForged(name)).toBe(one !== '-' || other !== '-');
    }),
    { numRuns: runs(2) },
  );
  expect(isForged('proxy')).toBe(true);
});
