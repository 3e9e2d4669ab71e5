/** Twice the text, about twice the steps, whatever a stranger has put into it. */
import { expect, test } from 'vitest';
import { stepsOf } from '../../support/steps.ts';

const { textPlaces } = await import('../../support/generators/text-places.ts');
const { textSchemes, signerOf } = await import('../../support/generators/text-schemes.ts');
const { accountHash, signerWith, url } = await import('../../support/samples.ts');
const { shareOf } = await import('../../support/seed.ts');

const cloudflare = signerWith({
  accountHash,
  delivery: ['https://imagedelivery.net', '/images', 'https://shop.example/i'],
});
const all = signerOf(textSchemes.map(({ scheme }) => scheme));
const signed = cloudflare.signImage(url());
const token = signed.slice(signed.indexOf('?'));
const [own, path] = ['own', 'path'].map((name) => textSchemes.find(({ scheme }) => scheme.name === name)!);
const ownSigned = own!.signer.signImage('https://own.example/photos/a.jpg');

const pieces: readonly (readonly [title: string, start: string, piece: string])[] = [
  ['signed URLs', '', `${signed} `],
  ['signed URLs without a space', '', signed],
  ['signed URLs in a list', '', `${signed},`],
  ['URLs in parameters of URLs', '', `${url()}?u=`],
  ['encoded URLs in parameters of URLs', '', `${url()}?u=https%3A%2F%2Fimagedelivery.net%2Fa%2Fc%3Fexp%3D1`],
  ['URLs in paths of URLs', '', `${url()}/`],
  ['signed URLs in paths of URLs', '', `${signed}/`],
  ['schemes in a path', `${url()}/`, 'a://'],
  ['marks before paths', '', '~_/images'],
  ['hosts', '', '//imagedelivery.net'],
  ['hosts without slashes', '', ' imagedelivery.net'],
  ['paths behind hosts', '', '//h/images'],
  ['paths', '', '/images'],
  ['literals', '', 'imagedelivery'],
  ['slashes', '', '/'],
  ['escaped slashes', '', '\\/'],
  ['backslashes', `${url()}?`, '\\'],
  ['ampersands', `${url()}?`, '&'],
  ['escaped ampersands', `${url()}?`, '&amp;'],
  ['ampersands that are escaped again and again', `${url()}?&`, 'amp;'],
  ['zeros of a reference', `${url()}?&#`, '0'],
  ['percent signs', `https%3A%2F%2Fimagedelivery.net`, '%25'],
  ['encoded question marks', url(), '%3F'],
  ['tokens', url(), token],
  ['tokens with a letter between', url(), `${token}x`],
  ['tokens behind encoded question marks', url(), `%3F${token}`],
  ['values of tokens with a word between', url(), '?exp=x'],
  ['values of tokens with dots between', url(), '?sig=.'],
  ['encoded values of tokens with a word between', url(), '%3Fexp%3D1!'],
  ['parentheses between values of tokens', `(${url()}`, '?exp=x('],
  ['paths behind hosts, in parameters of one another', '', `https://h/images/${accountHash}/a/thumb?u=`],
  ['tokens of paths behind hosts, in one another', '', `https://h/images/${accountHash}/a/thumb?exp=`],
  ['names of tokens', `${url()}?`, 'exp&'],
  ['parameters', `${url()}?`, 'v=1&'],
  ['parameters, each with a token behind it', `${url()}?`, `v=1&${token.slice(1)}&`],
  ['one long path', url(), 'a'],
  ['one long path of words', url(), '写'],
  ['one long value of a token', `${url()}?sig=`, 'a'],
  ['a value of dots', `${url()}?sig=`, '.'],
  ['a value of tildes', `${url()}?sig=`, '~'],
  ['one long value', `${url()}?v=`, 'a'],
  ['parentheses', `(${url()}?`, '(exp=1&'],
  ['quotes', `'${url()}?`, '&#39;exp=1&'],
  ['a scheme of an app', '', `${ownSigned},`],
  ['tokens of a scheme of an app', '', `https://own.example/a?t=${'x'.repeat(20)},`],
  ['bases of a scheme of an app', '', `${path!.base}/s--a--/`],
  ['one long URL of a scheme of an app', 'https://own.example/a?', 't=aaaaaaaaaaaaaaaaaaaa&'],
];

/** Beyond the longest URL, so that no bound hides what grows faster. */
const size = 20_000;
const most = 2.15;

const tried = shareOf(pieces, 24);

const textOf = (start: string, piece: string, length: number): string =>
  start + piece.repeat(Math.ceil(length / piece.length));
cloudflare.unsignText('');
all.unsignText('');
const full = textOf('', `${signed} `, size);
const ordinary = stepsOf([() => void cloudflare.unsignText(full)])[0]! / full.length;

test.each(tried)('%s: in proportion, and not much more work than signed URLs', (_title, start, piece) => {
  for (const signer of [cloudflare, all]) {
    const texts = [size, 2 * size].map((length) => textOf(start, piece, length));
    const [once, twice] = stepsOf(texts.map((text) => () => void signer.unsignText(text)));
    expect(twice! / once!).toBeLessThanOrEqual(most);
    if (signer === cloudflare) expect(once! / texts[0]!.length / ordinary).toBeLessThanOrEqual(4);
  }
});

test('every place of a URL is read in proportion to the text', () => {
  for (const { name, write } of textPlaces) {
    const text = `${write(signed)} `.repeat(40);
    const [once, twice] = stepsOf([
      () => void cloudflare.unsignText(text),
      () => void cloudflare.unsignText(text + text),
    ]);
    expect({ name, isLinear: twice! / once! <= most }).toEqual({ name, isLinear: true });
  }
});
