/** `unsignText` in the cases that a person would try; `properties/unsign-text` has those that nobody would. */
import { describe, expect, test } from 'vitest';
import { bunny, cloudflareImages, edgeAuth, imgproxy } from '../../src/schemes.ts';
import { signerOf, textSchemes } from '../support/generators/text-schemes.ts';
import { accountHash, key, otherAccount, signerWith, url } from '../support/samples.ts';

const signer = signerWith({ accountHash });
const signed = signer.signImage(url());
const hex = Buffer.from(key).toString('hex');

test.each([
  [
    'its other parameters',
    `${url()}?v=1&${signed.split('?')[1]} ${signed}&w=2#x`,
    `${url()}?v=1 ${url()}?w=2#x`,
  ],
  ['an expired or wrong token', `${url()}?exp=1&sig=${'0'.repeat(64)} x`, `${url()} x`],
  ['a token that was cut off', `${signed.slice(0, -9)} ${url()}?exp=17`, `${url()} ${url()}`],
  ['names that are percent-encoded', `${url()}?%65xp=1&s%69g=2 x`, `${url()} x`],
  ['an ampersand behind it', `${signed} & ${signed}& more`, `${url()} & ${url()}& more`],
  ['a comment', `<!--${url()}?exp=1&sig=ab-->x<!-- ${url()}?sig=--!>y`, `<!--${url()}-->x<!-- ${url()}--!>y`],
  ['a token twice', `${signed}?${signed.split('?')[1]}`, url()],
  ['another account', `${url('other', 'x', otherAccount)}?exp=1&sig=2`, url('other', 'x', otherAccount)],
  ['upper case in the host', signed.replace('image', 'IMAGE'), url().replace('image', 'IMAGE')],
])('%s loses the token, and nothing else', (_title, given, wanted) => {
  expect(signer.unsignText(given)).toBe(wanted);
  expect(signer.unsignText(wanted)).toBe(wanted);
});

test.each([
  '',
  'no URL',
  `${url()} and ?exp=1&sig=2`,
  'https://imagedelivery.net/?exp=1&sig=2',
  `${url()}#?exp=1&sig=2`,
  `[a](${url()})[b](/login?exp=1&sig=2)`,
  `['${url()}','/login?exp=1&sig=2']`,
  `${url()},https://foreign.example/a?exp=1&sig=2`,
  '\ud800 \0 \u2028',
])('%j stays as it is', (text) => {
  expect(signer.unsignText(text)).toBe(text);
});

test.each([null, undefined, 7, {}, ['a'], Buffer.from(signed)])(
  '%j, which is no text, comes back',
  (value) => {
    expect(signer.unsignText(value as string)).toBe(value);
  },
);

describe('a base that is a path', () => {
  const guarded = signerWith({ delivery: '/images', accountHash });
  const plain = `/images/${accountHash}/photo-1/thumb`;
  const image = guarded.signImage(plain);

  test.each(['', ' ', '"', "('", '(', 'url(', 'src=', '写真は', '\n', '_', '***_', ' ~~', '<!--'])(
    'stands behind %j',
    (before) => {
      expect(guarded.unsignText(`${before}${image}, x`)).toBe(`${before}${plain}, x`);
    },
  );

  test('behind the host of the site, as a browser copies an address, it loses a token of this signer', () => {
    const old = guarded.signImage(plain, undefined, { expiresAt: 1 });
    for (const each of [image, old]) {
      expect(guarded.unsignText(`https://shop.example${each}, x`)).toBe(`https://shop.example${plain}, x`);
      expect(guarded.unsignText(encodeURIComponent(`http://localhost:3000${each}`))).toBe(
        encodeURIComponent(`http://localhost:3000${plain}`),
      );
    }
    const far = 'x '.repeat(1_000);
    expect(guarded.unsignText(`${far}https://shop.example${image}`)).toBe(
      `${far}https://shop.example${plain}`,
    );
    const kept = guarded.signImage(`${plain}?v=1`);
    expect(guarded.unsignText(`<https://shop.example${kept}>`)).toBe(`<https://shop.example${plain}?v=1>`);
  });

  test.each([
    `https://foreign.example${plain}?exp=1790000000&sig=${'0'.repeat(64)}`,
    `https://foreign.example/a${image}`,
    `a${image}`,
    `.${image}`,
    `..${image}`,
    `/a${image}`,
  ])('another site, and another path, keep their parameters: %s', (text) => {
    expect(guarded.unsignText(text)).toBe(text);
  });
});

describe('a token in the path', () => {
  const processed = signerOf([
    imgproxy({ url: 'https://proxy.example', key: hex, salt: hex, prefixes: 's3://photos/' }),
  ]);
  const plain = 'https://proxy.example/insecure/rs:fit:300/plain/s3://photos/a.jpg';
  const image = processed.signImage(plain);

  test('goes, and the rest of the text stays', () => {
    expect(processed.unsignText(`See ${image}, and (${image}) or "${image}"。`)).toBe(
      `See ${plain}, and (${plain}) or "${plain}"。`,
    );
    expect(processed.unsignText(encodeURIComponent(image))).toBe(encodeURIComponent(plain));
  });

  test('that is none leaves the URL as it is', () => {
    for (const text of [
      'https://proxy.example/health, https://proxy.example/',
      plain.replace('insecure', 'unsafe'),
      plain.replace('insecure', '_'),
      plain,
    ])
      expect(processed.unsignText(text)).toBe(text);
  });
});

test.each([
  'https://upload.example/x.jpg',
  's3://photos/x.jpg',
  'https:/upload.example/x.jpg',
  url(),
  `https://a.example/${url()}`,
])('a source in the path, %s: the URL loses its own token behind it', (source) => {
  const fetching = signerOf([
    edgeAuth({ url: 'https://media.example', key: hex, prefixes: 'fetch/' }),
    cloudflareImages({ key, variants: ['thumb'], accountHash }),
  ]);
  const plain = `https://media.example/fetch/${source}`;
  const image = fetching.signImage(plain);
  expect(image).not.toBe(plain);
  for (const before of [' ', '"', ')', '>', '\n', ''])
    for (const behind of [' ', '"', ')', '>', '\n', ''])
      expect(fetching.unsignText(`See${before}${image}${behind} ${image}`)).toBe(
        `See${before}${plain}${behind} ${plain}`,
      );
  expect(fetching.unsignData([image, `${image},${image}`])).toEqual([plain, `${plain},${plain}`]);
});

test('a source that is another delivery URL loses its token as well', () => {
  const store = bunny({ url: 'https://shop.b-cdn.net', key, prefixes: 'a/' });
  const prefixes = 'https://shop.b-cdn.net/';
  const both = signerOf([store, imgproxy({ url: 'https://proxy.example', key: hex, salt: hex, prefixes })]);
  const plain = 'https://shop.b-cdn.net/a/b.jpg';
  const around = (source: string): string =>
    `https://proxy.example/insecure/plain/${encodeURIComponent(source)}`;
  const image = both.signImage(around(both.signImage(plain)));
  expect(both.unsignText(`${image} x`)).toBe(`${around(plain)} x`);
});

test('however many tokens follow one another, in whatever encoding, none is left behind a URL', () => {
  const token = signed.slice(url().length);
  expect(signer.unsignText(`${url()}${token.repeat(20)} x`)).toBe(`${url()} x`);
  expect(signer.unsignText(`${url()}${token}${encodeURIComponent(token)} x`)).toBe(`${url()} x`);
});

test('a URL in a parameter of another one loses its token, and so does the one around it', () => {
  const inner = signer.signImage(`${url('card')}?w=1`);
  const outer = `${url()}?u=${inner}&${signed.split('?')[1]} x`;
  expect(signer.unsignText(outer)).toBe(`${url()}?u=${url('card')}?w=1 x`);
});

test('without a key yet, a text loses its tokens all the same', () => {
  const waiting = signerWith({
    key: () => new Promise<string>(() => {}),
    delivery: ['https://imagedelivery.net', '/images'],
  });
  expect(waiting.unsignText(`${signed} https://shop.example/images/a/b/thumb?exp=1&sig=2`)).toBe(
    `${url()} https://shop.example/images/a/b/thumb?exp=1&sig=2`,
  );
});

test.each(textSchemes)(
  '$name: a bar and a question mark behind a signed URL stay',
  ({ base, path, signer }) => {
    const plain = `${base}${path[0]}cat${path[1]}`;
    const signed = signer.signImage(plain);
    for (const text of ['|', '| words', '|label>', '? Words', '|?'])
      expect(signer.unsignText(signed + text)).toBe(plain + text);
  },
);

test.each(textSchemes)(
  '$name: a URL that is shown without https:// loses its token',
  ({ base, path, signer }) => {
    const plain = `${base}${path[0]}cat${path[1]}`;
    const signed = signer.signImage(plain);
    const shown = (url: string): string => url.replace(/^https?:\/\//, '');
    const linkTo = (url: string): string =>
      `<a href="${url}">${shown(url)}</a> (${shown(url)}) ${shown(url)}`;
    expect(signer.unsignText(linkTo(signed))).toBe(linkTo(plain));
    for (const other of [`user@${shown(signed)}`, `a.${shown(signed)}`, `/${shown(signed)}`])
      expect(signer.unsignText(other)).toBe(other);
  },
);

test('behind the host of the site, a URL whose parameters hold others loses its token', () => {
  const signer = signerWith({ accountHash, delivery: ['https://imagedelivery.net', '/images'] });
  const path = `/images/${accountHash}/cat/thumb`;
  const inner = encodeURIComponent(`https://shop.example${path}`);
  for (const query of [`?u=${inner}`, `?u=${inner}&v=${inner}`, `?u=${inner}&v=${inner}&w=${inner}`]) {
    const signed = signer.signImage(path + query);
    expect(signer.unsignText(`https://shop.example${signed}`)).toBe(`https://shop.example${path}${query}`);
  }
});

describe('a path of the site that is an entry of from', () => {
  const moved = signerWith({ accountHash, from: '/media' });
  const image = `/media/${accountHash}/a/thumb`;
  const own = `https://imagedelivery.net/${accountHash}/a/thumb`;

  test.each([',', ';', 'é', ']', '=', '@,', '!', '表'])(
    'stays within the URL of another host, behind %s',
    (before) => {
      for (const url of [
        'https://other.example/a',
        '//other.example/a/b?c=d&e',
        'https://other.example/a//b',
      ]) {
        const text = `${url}${before}${image}?exp=1&sig=2`;
        expect(moved.unsignText(text)).toBe(text);
        expect(moved.unsignText(text.replaceAll('/', '\\/'))).toBe(text.replaceAll('/', '\\/'));
      }
    },
  );

  test.each([
    `${image} ${image} and é${image}`,
    `https://other.example/a 1x,${image} 2x`,
    `["https://other.example/a","${image}"]`,
    `['https://other.example/a','${image}']`,
    `{&quot;a&quot;:&quot;https://other.example/a&quot;,&quot;b&quot;:&quot;${image}&quot;}`,
    `url(https://other.example/a),url(${image})`,
    `|https://other.example/a|${image} |`,
    `[a](https://other.example/a)[b](${image})`,
    `// a comment,${image}`,
    `<img src=https://other.example/a><img src=${image}>`,
    `1,${image}\n2,${image}`,
  ])('is one behind anything else: %s', (text) => {
    expect(moved.unsignText(text)).toBe(text.replaceAll(image, own));
  });
});

test('the path of a URL ends where that of another scheme begins, whose parameters are its own', () => {
  const both = signerOf([
    cloudflareImages({ key, variants: ['thumb'], accountHash, delivery: '/images' }),
    bunny({ url: '/files', key, prefixes: 'files/' }),
  ]);
  const text = `/images/${accountHash}/a/thumb,/files/b.jpg?exp=1&sig=${'0'.repeat(64)}`;
  expect(both.unsignText(text)).toBe(text);
});
