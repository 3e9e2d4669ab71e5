/** `s3` with a function that gives the credentials. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { type S3Credentials, s3 } from '../../src/schemes.ts';
import { callsOf, termsFrom } from '../support/definition-calls.ts';

const url = 'https://photos.s3.eu-central-1.amazonaws.com';
const start = 1_800_000_000;

function session(name: string, endsAt?: number): S3Credentials {
  return {
    accessKeyId: name,
    secretAccessKey: `secret-of-${name}`,
    sessionToken: `token-of-${name}`,
    ...(endsAt !== undefined && { expiration: new Date(endsAt * 1000) }),
  };
}

function fetching(credentials: () => S3Credentials | Promise<S3Credentials>) {
  const { definition, ...calls } = callsOf(s3({ url, region: 'eu-central-1', credentials }));
  return { ...calls, secret: definition.secrets!.lifetime! };
}

function nameIn(signed: string): string | undefined {
  return /X-Amz-Credential=([^%]*)/.exec(signed)?.[1];
}

test('nothing is signed or verified until the function has answered', async () => {
  const { secret, sign, verdict } = fetching(async () => session('one'));
  const terms = termsFrom(start, 60);
  expect(() => sign(`${url}/a.jpg`, terms)).toThrow(expect.objectContaining({ code: 'KEY_UNAVAILABLE' }));
  expect(verdict(`${url}/a.jpg?X-Amz-Date=20270115T080000Z&X-Amz-Expires=60`, start)).toBe('bad-signature');
  await secret.refresh(start);
  const signed = sign(`${url}/a.jpg`, terms);
  expect(nameIn(signed)).toBe('one');
  expect(verdict(signed, start)).toBe('ok');
});

test('a session is kept for half of its life, though the function would give another one', () => {
  let calls = 0;
  const { secret, sign } = fetching(() => session(`s${++calls}`, start + 3_600 * calls));
  const nameAt = (now: number): string | undefined => {
    secret.refresh(now);
    return nameIn(sign(`${url}/a.jpg`, termsFrom(now, 60)));
  };
  expect([0, 299, 301, 1_799].map((passed) => nameAt(start + passed))).toEqual(['s1', 's1', 's1', 's1']);
  const { generation } = secret;
  expect(nameAt(start + 1_801)).toBe('s2');
  expect(secret.generation).not.toBe(generation);
  expect(secret.endsAt).toBe(start + 7_200);
  expect(nameAt(start + 3_600)).toBe('s2');
});

test('keys that do not end are asked for every five minutes, and the same ones change nothing', () => {
  let calls = 0;
  let name = 'one';
  const { secret, sign } = fetching(() => {
    calls++;
    return session(name);
  });
  for (const passed of [0, 10, 299]) secret.refresh(start + passed);
  expect(calls).toBe(1);
  const { generation } = secret;
  secret.refresh(start + 300);
  expect([calls, secret.generation]).toEqual([2, generation]);
  name = 'two';
  secret.refresh(start + 601);
  expect(secret.generation).not.toBe(generation);
  expect(nameIn(sign(`${url}/a.jpg`, termsFrom(start, 60)))).toBe('two');
  expect(secret.endsAt).toBe(Number.POSITIVE_INFINITY);
});

test('a URL ends with the session that signed it', () => {
  const { secret, sign, verdict } = fetching(() => session('one', start + 1_000));
  secret.refresh(start);
  const signed = sign(`${url}/a.jpg`, { exp: start + 3_600, ttl: 3_600, step: 900 });
  expect(new URL(signed).searchParams.get('X-Amz-Expires')).toBe('1900');
  expect(verdict(signed, start + 999)).toBe('ok');
  expect(verdict(signed, start + 1_000)).toBe('expired');
});

test.each<[string, unknown]>([
  ['text', 'secret-of-one'],
  ['nothing', undefined],
  ['a function', () => session('one')],
  ['the answer of STS', { AccessKeyId: 'one', SecretAccessKey: 'secret-of-one' }],
  ['half of it', { accessKeyId: 'one', secretAccessKey: ['secret-of-one'] }],
])('a function that gives %s has failed, and the failure shows no secret', (_name, given) => {
  const { secret } = fetching(() => given as S3Credentials);
  secret.refresh(start);
  expect(secret.failure).toMatchObject({ code: 'INVALID_OPTION' });
  expect(inspect(secret.failure)).not.toContain('secret-of-one');
});

test('the credentials show nowhere', () => {
  const { secret } = fetching(() => session('one', start + 1_000));
  secret.refresh(start);
  const shown = `${inspect(secret, { depth: 20, showHidden: true })}${JSON.stringify(secret)}`;
  expect(shown).not.toContain('of-one');
});
