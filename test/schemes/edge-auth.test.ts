/** `edgeAuth` against an edge that reads tokens as Akamai and Cloudinary say. */
import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent } from '../../src/index.ts';
import { edgeAuth } from '../../src/schemes.ts';
import { callsOf } from '../support/schemes/calls.ts';

const base = 'https://photos.example/private';
const key = '52a152a152a152a152a152a152a1';
const exp = 1_790_000_000;

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

test.each(['', '-/preview/320x240/', '-/preview/cat.jpg', 'cat.jpg'])(
  'Uploadcare: an acl opens %s alone',
  (rest) => {
    const path = `/0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d/${rest}`;
    const image = `https://cdn.shop.example${path}`;
    const scheme = edgeAuth({ url: 'https://cdn.shop.example', key, preset: 'uploadcare' });
    const times = { ttl: '1h', stableFor: 0, now: () => exp * 1_000 } as const;
    const signer = createSigner({ scheme, authorize: () => true, ...times });
    const signed = signer.signImage(image);
    expect(signed.startsWith(`${image}?token=exp=${exp + 3_600}~acl=${path}~hmac=`)).toBe(true);
    expect(opens('token', signed, path, exp)).toBe(true);
    expect(opens('token', signed, `${path}x`, exp)).toBe(false);
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true, image: { id: path.slice(1) } });
    expect(signer.rewriteHtml(`<img src="${image}">`)).toBe(`<img src="${signed}">`);
  },
);

test('parameters are not signed', () => {
  const { sign, verdict } = callsOf(edgeAuth({ url: base, key }));
  expect(verdict(sign(`${base}/a.jpg?w=2`, exp).replace('w=2', 'w=3'), 0)).toBe('ok');
});
