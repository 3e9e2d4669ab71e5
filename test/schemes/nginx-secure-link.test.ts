/** `nginxSecureLink` against what nginx computes; `npm run test:proxies` asks a real one. */
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent } from '../../src/index.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import { type NginxSecureLinkOptions, nginxSecureLink } from '../../src/schemes.ts';
import { nginxToken } from '../support/oracles/nginx-secure-link.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomKey, randomText } from '../support/random-objects.ts';
import { callsOf, errorOf, expectToken } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';

const base = 'https://photos.example/private';
const secret = 'a-secret-of-nobody';
const exp = 1_790_000_000;
const calls = callsOf(nginxSecureLink({ url: base, key: secret }));

/** RFC 3986, 2.3: nothing but unreserved characters stays bare. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function encodePath(name: string): string {
  return name.split('/').map(encode).join('/');
}

/** The page of the module: `echo -n '2147483647/s/link127.0.0.1 secret' | openssl md5 -binary | openssl base64 | tr +/ -_ | tr -d =` */
test('the example of nginx.org is signed as it says', () => {
  const url = 'https://photos.example/s';
  // The visitor of the example is written as text.
  const expression = `$secure_link_expires\${uri}127.0.0.1 $key`;
  const scheme = callsOf(nginxSecureLink({ url, key: 'secret', expression }));
  expect(scheme.sign(`${url}/link`, 2_147_483_647)).toBe(
    `${url}/link?md5=_e4Nc3iduzkWRm01TBBNYw&expires=2147483647`,
  );
});

test('random names are signed as nginx signs them', () => {
  const random = randomFrom(seed);
  const expressions = [
    undefined,
    '$key$secure_link_expires$uri',
    `$uri $secure_link_expires\${key}!`,
    `x\${secure_link_expires}1$key/$uri`,
  ];
  for (let left = atLength(2_500); left > 0; left--) {
    const expression = pick(random, expressions);
    const key = randomText(random, 1 + Math.floor(random() * 60));
    const names = pick(random, [
      ['md5', 'expires'],
      ['st', 'e'],
      ['E_1', 'MD5'],
    ] as const);
    const [md5Name, expiresName] = names;
    const scheme = callsOf(nginxSecureLink({ url: base, key, expression, token: names }));
    const name = randomKey(random);
    const plain = `${base}/${encodePath(name)}${random() < 0.3 ? '?v=2' : ''}`;
    const expires = Math.floor(random() * 4_000_000_000) + 1;
    const uri = `/private/${name}`;
    const token = nginxToken(expression ?? '$secure_link_expires$uri $key', {
      uri,
      exp: expires,
      key,
    });
    const signed = `${plain}${plain.includes('?') ? '&' : '?'}${md5Name}=${token}&${expiresName}=${expires}`;
    const changed = signed.replace('/private/', '/private/x');
    expectToken(scheme, plain, signed, { id: name, exp: expires, changed });
    expect(
      scheme.sign(
        plain.replaceAll(/%[A-F\d]{2}/g, (each) => each.toLowerCase()),
        expires,
      ),
    ).toBe(signed);
  }
}, 60_000);

describe('names', () => {
  test('of every printable character have one spelling, however the page spells them', () => {
    const signer = createSigner({
      scheme: nginxSecureLink({ url: base, key: secret, prefixes: 'u/' }),
      ttl: '1h',
      now: () => exp * 1_000,
    });
    for (let code = 0x20; code < 0x7f; code++) {
      const character = String.fromCharCode(code);
      if (character === '/' || character === '\\') continue;
      const escaped = `%${code.toString(16)}`;
      const signed = signer.signImage(`u/a${character}b.jpg`);
      const bare = signed.slice(0, signed.indexOf('?'));
      expect(bare).toBe(`${base}/u/a${encode(character)}b.jpg`);
      expect(signer.signImage(`${base}/u/a${escaped}b.jpg`)).toBe(signed);
      expect(signer.verifyImage(signed)).toMatchObject({ ok: true, image: { id: `u/a${character}b.jpg` } });
      if (!'#?%"<>`{}^|'.includes(character))
        expect(signer.signImage(`${base}/u/a${character}b.jpg`)).toBe(signed);
      if (bare !== `${base}/u/a${escaped.toUpperCase()}b.jpg`) continue;
      const other = signed.replace(escaped.toUpperCase(), character);
      expect(signer.verifyImage(other).ok).toBe(false);
    }
  });

  test.each(['a//b.jpg', '/a.jpg', 'a//'])('with an empty segment are not signed, and told: %s', (name) => {
    const events: ImageSignerEvent[] = [];
    const scheme = nginxSecureLink({ url: base, key: secret });
    const report = (event: ImageSignerEvent): void => void events.push(event);
    const signer = createSigner({ scheme, ttl: '1h', authorize: () => true, report });
    expect(signer.rewriteHtml(`<img src="${base}/${name}">`)).toBe(`<img src="${base}/${name}">`);
    expect(events).toMatchObject([{ reason: 'object-name' }]);
    expect(() => signer.signImage(`${base}/${name}`)).toThrow('which is not signed');
  });

  test('with a % that escapes nothing go out escaped: nginx refuses a bare one', () => {
    expect(calls.sign(`${base}/100%.jpg`, exp)).toBe(calls.sign(`${base}/100%25.jpg`, exp));
    expect(calls.sign(`${base}/100%.jpg`, exp)).toContain('/100%25.jpg?');
  });
});

describe('the token', () => {
  test('comes off in any case of its names, as nginx reads them', () => {
    expect(calls.strip(`${base}/a.jpg?MD5=1&v=2&Expires=3&md5=4&%6Dd5=5&EXPIRES`)).toBe(`${base}/a.jpg?v=2`);
    const signed = calls.sign(`${base}/a.jpg`, exp);
    for (const other of [
      signed.replace('md5', 'MD5'),
      `${signed}&Expires=9999999999`,
      signed.replace('?', '?EXPIRES=9999999999&'),
      signed.replace('expires=', 'expires=0'),
      `${signed}==`,
    ])
      expect(calls.verify(other, exp - 1)).toMatchObject({ ok: false });
  });

  test('says why it does not verify', () => {
    const signed = calls.sign(`${base}/a.jpg`, exp);
    expect(calls.verify(`${base}/a.jpg?v=1`, 0)).toEqual({ ok: false, reason: 'missing-signature' });
    expect(calls.verify(`${base}/a.jpg?md5=abc`, 0)).toEqual({ ok: false, reason: 'malformed-signature' });
    expect(calls.verify(signed.replace('a.jpg', 'b.jpg'), 0)).toEqual({ ok: false, reason: 'bad-signature' });
  });
});

test('parameters are not signed: those of the list stay, and all others go', () => {
  const options = { url: base, key: secret, prefixes: 'u/' };
  const signerOf = (parameters?: readonly string[]) =>
    createSigner({ scheme: nginxSecureLink({ ...options, parameters }), ttl: '1h', now: () => exp * 1_000 });
  const signed = signerOf().signImage(`${base}/u/a.jpg?v=2&Md5=1&download=1`);
  expect(signed).toMatch(/\/u\/a\.jpg\?v=2&md5=[\w-]{22}&expires=\d+$/);
  expect(signerOf().verifyImage(signed.replace('v=2', 'v=3'))).toMatchObject({ ok: true });
  expect(signerOf(['download']).signImage(`${base}/u/a.jpg?v=2&download=1`)).toContain('?download=1&md5=');
  expect(definitionOf(nginxSecureLink(options))!.readsParameter?.('v')).toBe(false);
});

test.each<[string, object, string, string]>([
  ['no secret', { key: undefined }, 'key', 'is the variable set?'],
  ['a secret with a line end', { key: `${secret}\n` }, 'key', 'trim it'],
  ['an argument with a -', { token: ['a-b', 'expires'] }, 'token.0', "got 'a-b'. Such as 'md5'"],
  ['the variable for the argument', { token: ['md5', '$arg_expires'] }, 'token.1', 'for $arg_expires'],
  ['two arguments of one name', { token: ['Expires', 'expires'] }, 'token', 'two names'],
  ['one argument', { token: 'md5' }, 'token', "got 'md5'. Such as ['md5', 'expires']"],
  ['a parameter that is the token', { parameters: ['MD5'] }, 'parameters.0', 'belongs to no token'],
  ['the secret for the argument', { token: [`${secret}/+`, 'expires'] }, 'token.0', 'got text of'],
])('%s is told', (_name, options, option, message) => {
  const error = errorOf(() =>
    nginxSecureLink({ url: base, key: secret, ...options } as NginxSecureLinkOptions),
  );
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect(error.message).toContain(message);
  expect(error.message).not.toContain(secret);
});

test('the fingerprint differs where tokens do, and shows neither secret nor expression', () => {
  const expression = '$secure_link_expires$uri pepper $key';
  const schemes = [
    nginxSecureLink({ url: base, key: secret }),
    nginxSecureLink({ url: base, key: secret, expression }),
    nginxSecureLink({ url: base, key: secret, token: ['st', 'expires'] }),
    nginxSecureLink({ url: base, key: secret, token: ['md5', 'e'] }),
    nginxSecureLink({ url: base, key: secret, parameters: [] }),
  ].map((scheme) => definitionOf(scheme)!);
  expect(new Set(schemes.map(({ fingerprint }) => fingerprint)).size).toBe(schemes.length);
  const shown = schemes.map((each) => inspect(each, { depth: 20, showHidden: true })).join();
  for (const hidden of [secret, 'pepper']) expect(shown).not.toContain(hidden);
});
