/** `edgeAuth` against the libraries of Akamai and Cloudinary, and against an edge that reads tokens as they say. */
import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent } from '../../src/index.ts';
import { definitionOf } from '../../src/schemes/definition.ts';
import { type EdgeAuthOptions, edgeAuth, type Scheme } from '../../src/schemes.ts';
import { edgeAuthKey as key, signAkamai, signCloudinary } from '../support/oracles/edge-auth.ts';
import { randomFrom } from '../support/random.ts';
import { pick, randomKey } from '../support/random-objects.ts';
import { callsOf, errorOf, expectToken } from '../support/scheme-calls.ts';
import { atLength, seed } from '../support/seed.ts';

const base = 'https://photos.example/private';
const exp = 1_790_000_000;

/** From `asset/auth_token_test.go` of cloudinary/cloudinary-go. */
test("the libraries make the token of Cloudinary's own test", () => {
  const token = '1751370bcc6cfe9e03f30dd1a9722ba0f2cdca283fa3e6df3342a00a7528cc51';
  const terms = { key: '00112233FF99', kind: 'acl', path: '/image/*' } as const;
  const signed = signCloudinary({ ...terms, issuedAt: 1_111_111_111, exp: 1_111_111_411 });
  expect(signed).toBe(`__cld_token__=st=1111111111~exp=1111111411~acl=%2fimage%2f*~hmac=${token}`);
});

/** What an acl token does not write into a query as it is. */
function asAcl(path: string): string {
  return path.replaceAll(/[&'[\]]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

test('random URLs are signed as the libraries sign them', () => {
  const random = randomFrom(seed);
  for (let left = atLength(2_500); left > 0; left--) {
    const bytes = Array.from({ length: 1 + Math.floor(random() * 40) }, () => Math.floor(random() * 256));
    const hex = Buffer.from(bytes).toString('hex');
    const [kind, preset] = [
      pick(random, ['url', 'acl'] as const),
      pick(random, ['akamai', 'cloudinary'] as const),
    ];
    const escapeEarly = preset === 'akamai' && random() < 0.5;
    const name = randomKey(random).replaceAll(/[~*?!]/g, '_');
    const written = new URL(`https://photos.example/private/${name.replaceAll(/[#%]/g, encodeURIComponent)}`);
    const path = kind === 'acl' ? asAcl(written.pathname) : written.pathname;
    const terms = { key: hex, kind, path, exp: Math.floor(random() * 4_000_000_000) + 1, escapeEarly };
    const scheme = edgeAuth({
      url: base,
      key: random() < 0.5 ? hex : hex.toUpperCase(),
      preset,
      kind,
      escapeEarly,
    });
    const token = preset === 'akamai' ? `__token__=${signAkamai(terms)}` : signCloudinary(terms);
    const plain = `https://photos.example${path}${random() < 0.3 ? '?v=2' : ''}`;
    const signed = `${plain}${plain.includes('?') ? '&' : '?'}${token}`;
    const changed = signed.replace('/private/', '/private/x');
    expectToken(callsOf(scheme), plain, signed, { id: name, exp: terms.exp, changed });
  }
}, 60_000);

/** An edge: it takes the token apart, and asks whether it is for a path. */
function opens(parameter: string, url: string, path: string, now: number): boolean {
  const query = url.slice(url.indexOf('?') + 1);
  const token = query.split('&').find((each) => each.startsWith(`${parameter}=`))!;
  const fields = token.slice(parameter.length + 1).split('~');
  const signed = fields.filter((each) => !each.startsWith('hmac='));
  const fieldOf = (name: string): string | undefined =>
    fields.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  const acl = fieldOf('acl');
  const text = [...signed, ...(acl === undefined ? [`url=${path}`] : [])].join('~');
  const mac = createHmac('sha256', Buffer.from(key, 'hex')).update(text).digest('hex');
  if (mac !== fieldOf('hmac') || now >= Number(fieldOf('exp'))) return false;
  return acl === undefined || acl.split('!').some((each) => glob(each).test(path));
}

function glob(pattern: string): RegExp {
  const source = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`);
}

describe.each(['url', 'acl'] as const)('a token of the kind %s', (token) => {
  const scheme = edgeAuth({ url: 'https://photos.example', key, kind: token, prefixes: 'u/' });
  const signer = createSigner({ scheme, ttl: '1h', stableFor: 0, now: () => exp * 1_000 });
  const refused = token === 'url' ? '~' : '~*?!';
  const characters = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index));
  const names = [...characters.filter((each) => !'/\\'.includes(each)), 'é', '日', '🙂'].map(
    (each) => [each, `u/a${each}b.jpg`] as const,
  );

  test('opens the path of any printable character, that path alone, until it expires', () => {
    const paths = names.map(
      ([, name]) => new URL(`https://h/${name.split('/').map(encodeURIComponent).join('/')}`),
    );
    const others = ['/u/ab.jpg', '/u/axb.jpg', '/u/a', '/', '/u/', ...paths.map(({ pathname }) => pathname)];
    for (const [character, name] of names) {
      if (refused.includes(character)) continue;
      const signed = signer.signImage(name);
      const { pathname } = new URL(signed);
      // What a browser requests is what was signed.
      expect(new URL(signed).href).toBe(signed);
      expect(decodeURIComponent(pathname)).toBe(`/${name}`);
      expect(signer.verifyImage(signed)).toMatchObject({ ok: true, image: { id: name } });
      expect(opens('__token__', signed, pathname, exp + 3_599), name).toBe(true);
      expect(opens('__token__', signed, pathname, exp + 3_600)).toBe(false);
      for (const other of others)
        if (other !== pathname)
          expect(opens('__token__', signed, other, exp), `${name}, ${other}`).toBe(false);
    }
  });

  test('is not made for a path that says more than itself, however it is spelled', () => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): void => void events.push(event);
    const told = createSigner({ scheme, ttl: '1h', report });
    for (const character of refused) {
      const escaped = `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
      expect(() => told.signImage(`u/a${character}b.jpg`)).toThrow('EdgeAuth token');
      const twice = escaped.replace('%', '%25');
      for (const written of new Set([
        escaped,
        escaped.toLowerCase(),
        twice,
        character.replace('?', escaped),
      ])) {
        events.length = 0;
        const page = `<img src="https://photos.example/u/a${written}acl=/*">`;
        expect(told.rewriteHtml(page)).toBe(page);
        expect(events).toMatchObject([{ reason: 'object-name', problem: 'edge-token-character' }]);
      }
    }
  });
});

test('an acl goes into the query as it is signed: no character of it ends the parameter', () => {
  const calls = callsOf(edgeAuth({ url: base, key, kind: 'acl' }));
  const signed = calls.sign(`${base}/it's&[1].jpg`, exp);
  expect(signed).toContain(
    `/it%27s%26%5B1%5D.jpg?__token__=exp=${exp}~acl=/private/it%27s%26%5B1%5D.jpg~hmac=`,
  );
  expect(calls.sign(`${base}/it%27s%26%5B1%5D.jpg`, exp)).toBe(signed);
  expect(calls.verify(signed, exp - 1).ok).toBe(true);
});

test('the salt is signed, and not sent', () => {
  const salted = callsOf(edgeAuth({ url: base, key, salt: 'a-salt' })).sign(`${base}/a.jpg`, exp);
  const mac = createHmac('sha256', Buffer.from(key, 'hex'))
    .update(`exp=${exp}~url=/private/a.jpg~salt=a-salt`)
    .digest('hex');
  expect(salted).toBe(`${base}/a.jpg?__token__=exp=${exp}~hmac=${mac}`);
});

describe('Uploadcare', () => {
  const uuid = '0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d';
  const site = 'https://cdn.shop.example';
  const signerOf = (options: Partial<EdgeAuthOptions> = {}) =>
    createSigner({
      scheme: edgeAuth({ url: site, key, preset: 'uploadcare', ...options }),
      authorize: () => true,
      ttl: '1h',
      stableFor: 0,
      now: () => exp * 1_000,
    });

  test.each([`/${uuid}/`, `/${uuid}/-/preview/320x240/`, `/${uuid}/-/preview/cat.jpg`, `/${uuid}/cat.jpg`])(
    '%s is signed for itself alone',
    (path) => {
      const signed = signerOf().signImage(site + path);
      expect(signed.startsWith(`${site}${path}?token=exp=${exp + 3_600}~acl=${path}~hmac=`)).toBe(true);
      expect(opens('token', signed, path, exp)).toBe(true);
      expect(opens('token', signed, `${path}x`, exp)).toBe(false);
      expect(signerOf().verifyImage(signed)).toMatchObject({ ok: true, image: { id: path.slice(1) } });
      expect(signerOf().rewriteHtml(`<img src="${site}${path}">`)).toBe(`<img src="${signed}">`);
    },
  );

  test.each([
    '/',
    '//',
    `/${uuid}//`,
    `/${uuid}/../`,
    `/${uuid}/%2e%2e/`,
    `/${uuid}%2F`,
    `/${uuid}/*`,
    '/a%00b/',
  ])('%s is not signed', (path) => expect(() => signerOf().signImage(site + path)).toThrow());
});

test.each([
  ['cloudinary', '/image/authenticated/v1/uploads/a.jpg', 'l_other:b'],
  ['cloudinary', '/image/authenticated/v1/uploads/a.jpg', 'w_100,e_gen_background_replace:prompt_a'],
  ['cloudinary', '/image/authenticated/v1/uploads/a.jpg', 'b_gen_fill,c_pad'],
  ['cloudinary', '/image/authenticated/v1/uploads/a.jpg', 'fn_remote:aHR0cA'],
  ['cloudinary', '/image/authenticated/v1/uploads/a.jpg', 'fl_getinfo'],
  ['uploadcare', '/0a1b/', '-/json/'],
  ['uploadcare', '/0a1b/', '-/metadata/'],
  ['cloudinary', '/image/authenticated/w_300/v1/uploads/a.jpg', 'w_9,u_other'],
  ['cloudinary', '/image/authenticated/v1/small_d_a.jpg', '%6c_b'],
  ['cloudinary', '/image/authenticated/v1/a.jpg', 'w_9%252CL_b'],
  ['cloudinary', '/image/authenticated/v1/a.jpg', 'd_b.jpg'],
  ['uploadcare', '/0a1b/-/preview/', '-/overlay/2c3d/50px50p'],
  ['uploadcare', '/0a1b/-/overlay/self/', '-/overlay/self/-/Overlay/2c3d/'],
  ['uploadcare', '/0a1b/', '-/%6Fverlay/2c3d/'],
] as const)('at %s %s is signed, and not with another image in it: %s', (preset, path, part) => {
  const site = 'https://cdn.shop.example';
  const scheme = edgeAuth({ url: site, key, preset });
  const signer = createSigner({ scheme, ttl: '1h', authorize: () => true, now: () => exp * 1_000 });
  expect(signer.signImage(site + path)).toContain('~hmac=');
  const [, first = '', rest = ''] = /^(\/[^/]+\/(?:authenticated\/)?)(.*)$/.exec(path)!;
  expect(() => signer.signImage(`${site}${first}${part}/${rest}`)).toThrow();
});

test('tokens of any product come off, those of the option token too', () => {
  const calls = callsOf(edgeAuth({ url: base, key, token: 'pass' }));
  const tokens = ['pass=exp=1~hmac=2', 'hdnts=a', 'hdnea=a', 'hdntl=a', '__token__=a', '__cld_token__=a'];
  expect(calls.strip(`${base}/a.jpg?v=1&${tokens.join('&')}&w=2`)).toBe(`${base}/a.jpg?v=1&w=2`);
  expect(calls.strip(`${base}/a.jpg?token=1`)).toBe(`${base}/a.jpg?token=1`);
  const signed = calls.sign(`${base}/a.jpg`, exp);
  expect(signed).toMatch(/\?pass=exp=1790000000~hmac=[\da-f]{64}$/);
  for (const [other, reason] of [
    [`${base}/a.jpg`, 'missing-signature'],
    [`${base}/a.jpg?hdnts=exp=1~hmac=2`, 'malformed-signature'],
    [signed.replace('exp=1', 'exp=01'), 'malformed-signature'],
    [signed.replace('exp=', 'st=1~exp='), 'malformed-signature'],
    [`${signed}~acl=/*`, 'bad-signature'],
    [signed.replace('~hmac', '~acl=/*~hmac'), 'bad-signature'],
    [`${signed}&hdnts=1`, 'bad-signature'],
  ] as const)
    expect(calls.verify(other, 0), other).toEqual({ ok: false, reason });
});

test('parameters are not signed: those of the list stay, and all others go', () => {
  const scheme = edgeAuth({ url: base, key, prefixes: 'u/' });
  const signer = createSigner({ scheme, ttl: '1h', now: () => exp * 1_000 });
  const signed = signer.signImage(`${base}/u/a.jpg?w=2&im=Blur&hdnts=1`);
  expect(signed).toMatch(/\/u\/a\.jpg\?w=2&__token__=exp=\d+~hmac=[\da-f]{64}$/);
  expect(signer.verifyImage(signed.replace('w=2', 'w=3'))).toMatchObject({ ok: true });
});

test.each<[string, object, string, string]>([
  ['no key', { key: undefined }, 'key', 'is the variable set?'],
  ['a key that is no hex', { key: `${key}0g` }, 'key', 'Two of 0-9 and a-f'],
  ['half a byte', { key: key.slice(1) }, 'key', 'the key in hex'],
  ['a key with a line end', { key: `${key}\n` }, 'key', 'trim it'],
  [
    'another preset',
    { preset: 'fastly' },
    'preset',
    "'akamai' or 'cloudinary' or 'uploadcare', got 'fastly'",
  ],
  ['a preset of every object', { preset: 'constructor' }, 'preset', "'akamai' or"],
  ['the key for the preset', { preset: key }, 'preset', 'got text of 28 characters'],
  ['another kind', { kind: 'cookie' }, 'kind', "'url' or 'acl', got 'cookie'"],
  ['a token with a =', { token: '__token__=' }, 'token', 'the name of a parameter'],
  ['the key for the token', { token: `${key}${key}` }, 'token', 'got text of 56 characters'],
  ['a flag as text', { escapeEarly: 'on' }, 'escapeEarly', 'true or false'],
  ['escapeEarly elsewhere', { preset: 'cloudinary', escapeEarly: true }, 'escapeEarly', 'Akamai alone'],
  ['an empty salt', { salt: '' }, 'salt', 'the salt'],
  ['a parameter that is a token', { parameters: 'hdnts' }, 'parameters', 'belongs to no token'],
])('%s is told', (_name, options, option, message) => {
  const error = errorOf(() => edgeAuth({ url: base, key, ...options } as EdgeAuthOptions));
  expect(error).toMatchObject({ code: 'INVALID_OPTION', option });
  expect(error.message).toContain(message);
  expect(error.message).not.toContain(key.slice(0, 12));
});

test('the fingerprint differs where tokens do, and shows neither key nor salt', () => {
  const make = (options: Partial<EdgeAuthOptions>): Scheme => edgeAuth({ url: base, key, ...options });
  const schemes = [
    make({}),
    make({ preset: 'cloudinary' }),
    make({ token: 'hdnts' }),
    make({ kind: 'acl' }),
    make({ escapeEarly: true }),
    make({ salt: 'a-salt-of-nobody' }),
    make({ salt: 'another-salt' }),
    make({ parameters: [] }),
  ].map((scheme) => definitionOf(scheme)!);
  expect(new Set(schemes.map(({ fingerprint }) => fingerprint)).size).toBe(schemes.length);
  const shown = schemes.map((each) => inspect(each, { depth: 20, showHidden: true })).join();
  for (const hidden of [key, 'a-salt-of-nobody']) expect(shown).not.toContain(hidden);
});
