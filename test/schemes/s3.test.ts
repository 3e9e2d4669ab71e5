/** `s3` against AWS's documentation, and what a presigned URL has to hold. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { type S3Credentials, s3 } from '../../src/schemes.ts';
import { callsOf, termsFrom } from '../support/definition-calls.ts';

const day = 86_400;
const issuedAt = Date.UTC(2013, 4, 24) / 1000;
const credentials: S3Credentials = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const url = 'https://examplebucket.s3.amazonaws.com';
const options = { url, region: 'us-east-1', credentials };
const scheme = callsOf(s3(options));

function parametersOf(signed: string): URLSearchParams {
  return new URL(signed).searchParams;
}

test('it makes the URL of the example in the documentation of AWS', () => {
  expect(scheme.sign(`${url}/test.txt`, termsFrom(issuedAt, day))).toBe(
    `${url}/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256` +
      '&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request' +
      '&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host' +
      '&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
});

describe('the period of a URL', () => {
  test('begins ttl and step before the expiry, and is as long as both', () => {
    const signed = scheme.sign(`${url}/a.jpg`, { exp: issuedAt + 4_500, ttl: 3_600, step: 900 });
    expect(parametersOf(signed).get('X-Amz-Date')).toBe('20130524T000000Z');
    expect(parametersOf(signed).get('X-Amz-Expires')).toBe('4500');
  });

  test('is signed with the key of its own UTC day, on both sides of midnight and back again', () => {
    const dates = [-1, 0, -1].map((second) => {
      const signed = scheme.sign(`${url}/a.jpg`, termsFrom(issuedAt + second, 60));
      expect(scheme.verdict(signed, issuedAt + 10)).toBe('ok');
      return [parametersOf(signed).get('X-Amz-Date'), parametersOf(signed).get('X-Amz-Credential')];
    });
    expect(dates.map(([date]) => date)).toEqual(['20130523T235959Z', '20130524T000000Z', '20130523T235959Z']);
    expect(dates.map(([, scope]) => scope!.split('/')[1])).toEqual(['20130523', '20130524', '20130523']);
  });

  test('ends with the session, and begins when it began', () => {
    const session = s3({
      ...options,
      credentials: {
        ...credentials,
        sessionToken: 'a+b/c==',
        expiration: new Date((issuedAt + 100) * 1000 + 999),
      },
    });
    const { sign, definition, verdict } = callsOf(session);
    const signed = sign(`${url}/a.jpg`, { exp: issuedAt + 3_600, ttl: 3_000, step: 600 });
    expect(parametersOf(signed).get('X-Amz-Date')).toBe('20130524T000000Z');
    expect(parametersOf(signed).get('X-Amz-Expires')).toBe('100');
    expect(signed).toContain('&X-Amz-Security-Token=a%2Bb%2Fc%3D%3D&X-Amz-SignedHeaders=host&');
    expect(definition.secrets?.lifetime?.endsAt).toBe(issuedAt + 100);
    expect(verdict(signed, issuedAt + 99)).toBe('ok');
    expect(verdict(signed, issuedAt + 100)).toBe('expired');
    expect(parametersOf(sign(`${url}/a.jpg`, termsFrom(issuedAt + 200, 60))).get('X-Amz-Expires')).toBe('0');
  });
});

describe('the spelling of a URL', () => {
  test.each([
    ['an unreserved escape', '%61%7E.jpg', 'a~.jpg'],
    ['an escape in lower case', '%c3%a9.jpg', '%C3%A9.jpg'],
    ['characters that AWS encodes', "a(1)!*'@=.jpg", 'a%281%29%21%2A%27%40%3D.jpg'],
    ['a percent sign', '100%25.jpg', '100%25.jpg'],
    ['an encoded plus', 'a%2bb.jpg', 'a%2Bb.jpg'],
    ['folders', 'a/b%20c/d.jpg', 'a/b%20c/d.jpg'],
  ])('%s is written as AWS does', (_name, given, written) => {
    const signed = scheme.sign(`${url}/${given}`, termsFrom(issuedAt, 60));
    expect(signed.slice(0, signed.indexOf('?'))).toBe(`${url}/${written}`);
    expect(scheme.verdict(signed, issuedAt)).toBe('ok');
    const other = scheme.sign(`${url}/${written}`, termsFrom(issuedAt, 60));
    expect(other).toBe(signed);
  });

  test.each([
    ['keeps the order of the author', 'v=3&a=1&B=2', 'v=3&a=1&B=2&X-Amz-Algorithm='],
    ['has a value for each name', 'v&a=', 'v=&a=&X-Amz-Algorithm='],
    ['has a space for a plus', 'a+b=c+d', 'a%20b=c%20d&X-Amz-Algorithm='],
    ['has escapes where AWS has them', 'p=%7e/%c3%A9', 'p=~%2F%C3%A9&X-Amz-Algorithm='],
    ['has the values of a repeated name sorted', 'v=2&a=1&v=1&b=', 'v=1&a=1&v=2&b=&X-Amz-Algorithm='],
    ['has no empty parameters', '&&v=3&', 'v=3&X-Amz-Algorithm='],
    ['stays a byte that is not UTF-8', 'v=%ff', 'v=%FF&X-Amz-Algorithm='],
    ['may be empty', '', 'X-Amz-Algorithm='],
  ])('the query %s', (_name, query, start) => {
    const signed = scheme.sign(`${url}/a.jpg?${query}`, termsFrom(issuedAt, 60));
    expect(signed.startsWith(`${url}/a.jpg?${start}`)).toBe(true);
    expect(scheme.verdict(signed, issuedAt)).toBe('ok');
  });

  test('scheme and host stay as they are written, and have one signature', () => {
    const heads = ['https://EXAMPLEBUCKET.s3.amazonaws.com', '//examplebucket.s3.amazonaws.com', url];
    const signed = heads.map((head) => scheme.sign(`${head}/a.jpg`, termsFrom(issuedAt, 60)));
    expect(signed.map((each, index) => each.startsWith(`${heads[index]}/a.jpg?`))).toEqual([
      true,
      true,
      true,
    ]);
    expect(
      new Set(signed.map((each) => parametersOf(new URL(each, 'https://a').href).get('X-Amz-Signature')))
        .size,
    ).toBe(1);
  });
});

describe('a token', () => {
  test('is taken off in any spelling, and the rest stays as it is written', () => {
    expect(scheme.strip(`${url}/a.jpg?b=%c3&x-amz-date=1&c&X%2DAmz-Foo=2&X-AMZ-SIGNATURE`)).toBe(
      `${url}/a.jpg?b=%c3&c`,
    );
    expect(scheme.strip(scheme.sign(`${url}/a.jpg`, termsFrom(issuedAt, 60)))).toBe(`${url}/a.jpg`);
    expect(scheme.strip(`${url}/a.jpg?b`)).toBe(`${url}/a.jpg?b`);
  });

  test('verifies in one spelling alone', () => {
    const signed = scheme.sign(`${url}/a.jpg?v=3`, termsFrom(issuedAt, 60));
    const signature = signed.slice(-64);
    for (const other of [
      signed.replace('/a.jpg', '/b.jpg'),
      signed.replace('/a.jpg', '/%61.jpg'),
      signed.replace('v=3', 'v=4'),
      signed.replace('v=3&', ''),
      signed.replace('Expires=60', 'Expires=61'),
      signed.replace('Expires=60', 'Expires=060'),
      signed.replace('Expires=60', 'Expires=9999999'),
      signed.replace('T000000Z', 'T240000Z'),
      signed.replace('20130524T', '20130532T'),
      signed.replace(signature, signature.toUpperCase()),
      signed.replace(signature, `${signature}0`),
      signed.replace(signature.slice(0, 1), String.fromCharCode(0x100 + signature.charCodeAt(0))),
      signed.slice(0, -65) + String.fromCharCode(0x100 + signature.charCodeAt(0)) + signature.slice(1),
      `${signed}&v=3`,
      `${signed}&X-Amz-Date=20130524T000000Z`,
      signed.replace('X-Amz-Date', 'x-amz-date'),
      `${url}/a.jpg?X-Amz-Signature=${signature}`,
      `${url}/a.jpg?X-Amz-Date=&X-Amz-Expires=`,
    ])
      expect(scheme.verdict(other, issuedAt), other).toMatch(/^(?:mal|bad)/);
    expect(scheme.verdict(`${url}/a.jpg`, issuedAt)).toBe('missing-signature');
    expect(scheme.verdict(signed, issuedAt + 59)).toBe('ok');
    expect(scheme.verdict(signed, issuedAt + 60)).toBe('expired');
    expect(scheme.verdict(signed, Number.NaN)).toBe('expired');
  });
});

describe('an image', () => {
  test('is named by its key, decoded and without the bucket in the path', () => {
    const inPath = callsOf(s3({ ...options, url: 'http://localhost:9000/photos', region: 'eu-1' }));
    expect(inPath.id('http://localhost:9000/photos/a/%C3%A9%20b.jpg?v=3')).toBe('a/é b.jpg');
    expect(scheme.id(`${url}/photos/a.jpg`)).toBe('photos/a.jpg');
  });

  test('is not signed with a bare plus in its path, which stores read in two ways', () => {
    expect(scheme.id(`${url}/a+b.jpg`)).toBeUndefined();
    expect(scheme.id(`${url}/a%2Bb.jpg?v=a+b`)).toBe('a+b.jpg');
  });

  test.each([
    'acl',
    'tagging=',
    'v=1&attributes',
    '%61cl',
    'uploadId=1',
    'legal-hold',
    'retention',
    'torrent',
  ])('is not what ?%s asks for', (query) => {
    expect(scheme.id(`${url}/a.jpg?${query}`)).toBeUndefined();
  });

  test('is limited by prefixes, as its key decodes', () => {
    const limited = callsOf(s3({ ...options, prefixes: ['uploads/', 'é/'] }));
    expect(limited.definition.isLimited).toBe(true);
    expect(scheme.definition.isLimited).toBe(false);
    expect(limited.id(`${url}/%75ploads/a.jpg`)).toBe('uploads/a.jpg');
    expect(limited.id(`${url}/%C3%A9/a.jpg`)).toBe('é/a.jpg');
    expect(limited.id(`${url}/uploads-of-others/a.jpg`)).toBeUndefined();
  });
});

test('the fingerprint differs where tokens do, and the secret shows nowhere', () => {
  const session = { ...credentials, sessionToken: 'SessionTokenOfTheRole' };
  const schemes = [
    s3(options),
    s3({ ...options, region: 'eu-1' }),
    s3({ ...options, url: `${url}/private` }),
    s3({ ...options, prefixes: 'a/' }),
    s3({ ...options, credentials: { ...credentials, accessKeyId: 'other' } }),
    s3({ ...options, credentials: { ...credentials, secretAccessKey: 'another-secret' } }),
    s3({ ...options, credentials: session }),
    s3({ ...options, credentials: () => session }),
  ];
  expect(new Set(schemes.map((each) => callsOf(each).fingerprint)).size).toBe(schemes.length);
  for (const each of schemes) {
    const shown = [
      inspect(each, { depth: 20, showHidden: true }),
      JSON.stringify(each),
      callsOf(each).fingerprint,
      inspect(callsOf(each).definition, { depth: 20, showHidden: true }),
    ].join('\n');
    for (const secret of [credentials.secretAccessKey!, 'another-secret', session.sessionToken])
      for (const encoding of ['utf8', 'hex', 'base64'] as const)
        expect(shown).not.toContain(Buffer.from(secret).toString(encoding));
  }
});
