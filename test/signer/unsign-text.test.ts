/** `unsignText` in the cases that a person would try; `properties/unsign-text` has those that nobody would. */
import { describe, expect, test } from 'vitest';
import { bunny, cloudflareImages, edgeAuth, imgproxy, s3 } from '../../src/schemes.ts';
import { accountHash, key, otherAccount, signerWith, url } from '../support/samples.ts';
import { signerOf, textSchemes } from '../support/text-schemes.ts';

const signer = signerWith({ accountHash });
const signed = signer.signImage(url());

test.each([
  ['a URL', signed, url()],
  ['a sentence', `Look: ${signed}. More words`, `Look: ${url()}. More words`],
  ['words right behind it', `${signed}写真です ${signed}abc`, `${url()}写真です ${url()}abc`],
  ['an image of Markdown', `![a](${signed} "b")`, `![a](${url()} "b")`],
  ['struck text', `~~${signed}~~ _${signed}_`, `~~${url()}~~ _${url()}_`],
  ['HTML', `<a href="${signed.replace('&', '&amp;')}">x</a>`, `<a href="${url()}">x</a>`],
  ['JSON', JSON.stringify(signed).replaceAll('/', '\\/'), JSON.stringify(url()).replaceAll('/', '\\/')],
  [
    'an image optimizer',
    `/_next/image?url=${encodeURIComponent(signed)}&w=64`,
    `/_next/image?url=${encodeURIComponent(url())}&w=64`,
  ],
  ['a list', `1,${signed},${signed},2`, `1,${url()},${url()},2`],
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
  [
    'another account and variant',
    `${url('other', 'x', otherAccount)}?exp=1&sig=2`,
    url('other', 'x', otherAccount),
  ],
  [
    'upper case in the host',
    signed.replace('imagedelivery', 'ImageDelivery'),
    url().replace('imagedelivery', 'ImageDelivery'),
  ],
])('%s loses the token, and nothing else', (_title, given, wanted) => {
  expect(signer.unsignText(given)).toBe(wanted);
  expect(signer.unsignText(wanted)).toBe(wanted);
});

test.each([
  '',
  'no URL',
  `${url()} and ?exp=1&sig=2`,
  'https://imagedelivery.net/?exp=1&sig=2',
  `ftp://imagedelivery.net/${accountHash}/a/thumb?exp=1&sig=2`,
  `https://imagedelivery.net.example/${accountHash}/a/thumb?exp=1&sig=2`,
  `https://x@imagedelivery.net/${accountHash}/a/thumb?exp=1&sig=2`,
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

  test('in an image optimizer', () => {
    const optimized = (each: string): string => `/_next/image?url=${encodeURIComponent(each)}&w=64`;
    expect(guarded.unsignText(optimized(image))).toBe(optimized(plain));
  });

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
  const hex = Buffer.from(key).toString('hex');
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

describe('a source in the path', () => {
  const fetching = signerOf([
    edgeAuth({ url: 'https://media.example', key: Buffer.from(key).toString('hex'), prefixes: 'fetch/' }),
    cloudflareImages({ key, variants: ['thumb'], accountHash }),
  ]);
  const isOpen = [' ', '"', ')', '>', '\n', ''];

  test.each([
    'https://upload.example/x.jpg',
    'http://upload.example/x.jpg',
    's3://photos/x.jpg',
    'https:/upload.example/x.jpg',
    url(),
    `https://a.example/${url()}`,
  ])('%s: the URL loses its own token behind it', (source) => {
    const plain = `https://media.example/fetch/${source}`;
    const image = fetching.signImage(plain);
    expect(image).not.toBe(plain);
    for (const before of isOpen)
      for (const behind of isOpen)
        expect(fetching.unsignText(`See${before}${image}${behind} ${image}`)).toBe(
          `See${before}${plain}${behind} ${plain}`,
        );
    expect(fetching.unsignData({ image, list: `${image},${image}` })).toEqual({
      image: plain,
      list: `${plain},${plain}`,
    });
  });
});

test('a source that is another delivery URL loses its token as well', () => {
  const hex = Buffer.from(key).toString('hex');
  const store = s3({
    url: 'https://photos.s3.amazonaws.com',
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: key },
    prefixes: 'a/',
  });
  const proxy = imgproxy({
    url: 'https://proxy.example',
    key: hex,
    salt: hex,
    prefixes: 'https://photos.s3.amazonaws.com/',
  });
  const both = signerOf([store, proxy]);
  const source = both.signImage('https://photos.s3.amazonaws.com/a/b.jpg');
  const image = both.signImage(`https://proxy.example/insecure/plain/${encodeURIComponent(source)}`);
  expect(both.unsignText(`${image} x`)).toBe(
    `https://proxy.example/insecure/plain/${encodeURIComponent('https://photos.s3.amazonaws.com/a/b.jpg')} x`,
  );
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
