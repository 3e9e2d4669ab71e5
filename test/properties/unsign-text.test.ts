/** `unsignText` gives the text as it would be without tokens; nothing else changes, and a second time nothing does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createScheme, definitionOf } from '../../src/schemes/definition.ts';
import { pickFrom, randoms } from '../support/generators/random.ts';
import { plainTexts, textPlaces, wordsBefore, wordsBehind } from '../support/generators/text-places.ts';
import { signerOf, type TextScheme, textSchemes } from '../support/generators/text-schemes.ts';
import { runs } from '../support/seed.ts';

const names = [
  'cat',
  'my_photo',
  'a-b~c',
  "it's",
  'a.b',
  '%C3%A9t%C3%A9',
  'cat%20no',
  'cat+1!',
  'x'.repeat(200),
  'https://upload.example/x.jpg',
];
const queries = ['', '', '?v=a', '?v=a&w=b', '?exp'];
const fragments = ['', '', '', '#x', '#?exp=1&sig=2'];

type Pick = <T>(list: readonly T[]) => T;

/** A URL without a token that stays the same once it is signed and stripped. */
function plainUrl({ base, path, signer }: TextScheme, pick: Pick) {
  const [before, behind] = path;
  const plain = `${base}${before}${pick(names)}${behind}${pick(queries)}${pick(fragments)}`;
  try {
    const signed = signer.signImage(plain);
    return signer.unsignImage(signed) === plain ? { plain, signed } : undefined;
  } catch {
    return undefined; // the scheme signs no such name
  }
}

interface Sample {
  readonly signed: string;
  readonly plain: string;
  readonly places: readonly string[];
}

function sampleText(among: readonly TextScheme[], random: () => number): Sample {
  const pick = pickFrom(random);
  let [signed, plain] = ['', ''];
  const places: string[] = [];
  for (let count = 1 + Math.floor(random() * 4); count > 0; count--) {
    const url = plainUrl(pick(among), pick);
    if (url === undefined) continue;
    const place = pick(textPlaces);
    const isPlain = random() < 0.15;
    const before = pick(wordsBefore);
    const behind = place.isOpen ? pick(wordsBehind) : ' ';
    const words = random() < 0.3 ? ` ${pick(plainTexts)}` : ' ';
    signed += before + place.write(isPlain ? url.plain : url.signed) + behind + words;
    plain += before + place.write(url.plain) + behind + words;
    places.push(place.name);
  }
  return { signed, plain, places };
}

const perScheme = runs(0.4);

describe.each(textSchemes)('$name', (each) => {
  test(`${perScheme} texts with signed URLs become those with plain ones`, { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(randoms, (random) => {
        const { signed, plain, places } = sampleText([each], random);
        const unsigned = each.signer.unsignText(signed);
        if (unsigned !== plain)
          expect({ places, signed, unsigned }).toEqual({ places, signed, unsigned: plain });
        if (each.signer.unsignText(plain) !== plain) expect(each.signer.unsignText(plain)).toBe(plain);
      }),
      { numRuns: perScheme },
    );
  });
});

/** The same wherever the text is escaped, and whether a URL names its scheme. */
function comparable(text: string): string {
  const once = text
    .replace(/\\+(?=[/:])|\\(?=[_*&=])/g, '')
    .replace(/&#x(\w+);|\\u00(\w\w)|%(?:25)*(3A|2F)/gi, (_, ...digits: string[]) =>
      String.fromCharCode(Number.parseInt(digits.find((each) => each !== undefined)!, 16)),
    )
    .replaceAll('&amp;', '&')
    .replaceAll(/https?:(?=\/\/)/g, '');
  return once === text ? text : comparable(once);
}

// Only the text of the link would tell of a part of a URL.
const storedPlaces = textPlaces.filter(({ name }) => name !== 'a link of Markdown');

describe.each(textSchemes)('$name, stored under another base', ({ base, path, scheme, signer }) => {
  const other = 'http://minio.test:8000/old/photos';
  const from = [{ text: other, authority: 'minio.test:8000', path: '/old/photos', tokens: [] }];
  const knowing = signerOf([createScheme({ ...definitionOf(scheme)!, from })]);

  test(`${perScheme} texts with URLs under it become those with plain ones`, { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(randoms, (random) => {
        const pick = pickFrom(random);
        const url = plainUrl({ base, path, signer } as TextScheme, pick);
        if (url === undefined) return;
        const place = pick(storedPlaces);
        const [before, behind] = [pick(wordsBefore), place.isOpen ? pick(wordsBehind) : ' '];
        const stored = pick([url.plain, url.signed]).replace(base, other);
        const text = before + place.write(stored) + behind;
        const unsigned = knowing.unsignText(text);
        const wanted = before + place.write(url.plain) + behind;
        if (comparable(unsigned) !== comparable(wanted))
          expect({ place: place.name, text, unsigned }).toEqual({
            place: place.name,
            text,
            unsigned: wanted,
          });
        if (knowing.unsignText(unsigned) !== unsigned) expect(knowing.unsignText(unsigned)).toBe(unsigned);
        expect(knowing.unsignImage(stored)).toBe(url.plain);
        expect(knowing.signImage(stored)).toBe(url.signed);
      }),
      { numRuns: perScheme },
    );
  });
});

const together = runs(1.5);

test(`${together} texts with URLs of all schemes, by one signer that has them all`, {
  timeout: 120_000,
}, () => {
  const signer = signerOf(textSchemes.map(({ scheme }) => scheme));
  fc.assert(
    fc.property(randoms, (random) => {
      const { signed, plain, places } = sampleText(textSchemes, random);
      const unsigned = signer.unsignText(signed);
      if (unsigned !== plain)
        expect({ places, signed, unsigned }).toEqual({ places, signed, unsigned: plain });
    }),
    { numRuns: together },
  );
});

const garbled = runs(4);

test(`${garbled} texts of pieces of URLs, tokens and escapes lose nothing but tokens, and nothing the second time`, {
  timeout: 120_000,
}, () => {
  // Not the schemes of apps, whose `strip` decides by itself.
  const among = textSchemes.filter(({ scheme }) => !['own', 'path', 'imgproxy'].includes(scheme.name));
  const signer = signerOf(among.map(({ scheme }) => scheme));
  fc.assert(
    fc.property(randoms, (random) => {
      const pick = pickFrom(random);
      let text = '';
      for (let parts = Math.floor(random() * 12); parts > 0; parts--) text += pick(pieces(pick(among), pick));
      const unsigned = signer.unsignText(text);
      if (!isWithin(unsigned, text)) expect([text, unsigned]).toEqual([text, 'a part of it']);
      if (signer.unsignText(unsigned) !== unsigned)
        expect([text, signer.unsignText(unsigned)]).toEqual([text, unsigned]);
    }),
    { numRuns: garbled },
  );
});

/** Once for each: by RSA it takes a while. */
const signedCats = new Map(
  textSchemes.map((each) => [each, each.signer.signImage(`${each.base}${each.path[0]}cat${each.path[1]}`)]),
);

function pieces(scheme: TextScheme, pick: Pick): readonly string[] {
  const { base, path } = scheme;
  const plain = `${base}${path[0]}cat${path[1]}`;
  const signed = signedCats.get(scheme)!;
  const at = Math.floor(signed.length * pick([0.2, 0.5, 0.9]));
  const token = signed.slice(signed.indexOf('?'));
  const written = pick(textPlaces).write(pick([plain, signed]));
  return [
    ...[
      plain,
      signed,
      token,
      token.slice(1),
      signed.slice(0, at),
      signed.slice(at),
      written,
      base,
      `//${base}`,
    ],
    ...[...`? & # / % %3F %26 &amp; &amp ' ( ) " <`.split(' '), '\\', '\\u0026', '\\/', ' '],
    ...[
      'exp=1',
      'sig=',
      's=1',
      'Expires=',
      '=',
      '://',
      '//',
      'https:',
      '.',
      ',',
      '~~',
      'é',
      '写',
      '\ud800',
      '\0',
      '\n',
    ],
    ...[...'&#x26; &#47; &quot; %2F %252F %25 &lt; &bogus; &#99999999; ?v=1&'.split(' '), '\\u002f'],
  ];
}

/** Whether a text is what is left of another once parts of it are gone. */
function isWithin(left: string, text: string): boolean {
  let at = 0;
  for (const character of left) {
    at = text.indexOf(character, at) + character.length;
    if (at < character.length) return false;
  }
  return true;
}
