/**
 * Pages in Shift_JIS, GBK, GB18030 and Big5, where the second byte of a character may be `\`, `]` or `}`; and in other
 * legacy encodings, where the bytes of a URL are not UTF-8. Longer than most files: a browser reads each in its own way.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fetch.ts';
import { inChunksOf, rewriteInChunks, splitEverywhere } from '../support/generators/chunks.ts';
import { randoms } from '../support/generators/random.ts';
import { base, countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';
import { runs, shareOf } from '../support/seed.ts';
import { charactersOf, type Encoding, encodings } from './east-asian.ts';

const [U, card] = [url(), url('card')];
const characters = new Map(encodings.map((encoding) => [encoding, charactersOf(encoding)]));

function metaOf(encoding: string): string {
  return `<meta charset=${encoding}>`;
}

/** However the page is cut, the result is the same. */
function rewrite(bytes: Buffer): Buffer {
  const whole = Buffer.from(signerWith().rewriteHtml(bytes));
  for (const chunks of splitEverywhere(bytes))
    expect(rewriteInChunks(signerWith().htmlRewriter(), chunks).equals(whole)).toBe(true);
  expect(rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(1, bytes)).equals(whole)).toBe(true);
  return whole;
}

/** What a site answers whose handler sends these bytes with this type. */
async function respond(type: string, bytes: Buffer, sign = imageSigner(base as never)): Promise<Buffer> {
  const handler = (): Response => new Response(new Uint8Array(bytes), { headers: { 'content-type': type } });
  const response = await sign(new Request('https://shop.example/'), handler);
  return Buffer.from(await response.arrayBuffer());
}

function tokensIn(bytes: Buffer): number {
  return countTokens(bytes.toString('latin1'));
}

/** Places in which a character stands before a URL; a browser reads `count` URLs in each. */
const places: readonly (readonly [place: string, count: number, page: (character: string) => string])[] = [
  ['a JSON script', 1, (c) => `<script type="application/ld+json">{"name":"${c}","image":"${U}"}</script>`],
  ['a string of CSS', 1, (c) => `<p style="font-family:'${c}';background:url(${U})">`],
  ['a url() of CSS', 2, (c) => `<style>a{b:url(${c});c:url(${U})}d{e:url("${c}")}f{g:url('${U}')}</style>`],
  ['a name of CSS', 1, (c) => `<style>.${c}{b:url(${U})}</style>`],
  ['a comment of CSS', 1, (c) => `<style>/*${c}*/a{b:url(${U})}</style>`],
  ['an image-set()', 2, (c) => `<style>a{b:image-set("${U}" ${c} 1x, '${card}' 2x)}</style>`],
  ['a name before url(', 1, (c) => `<style>a{b:${c}url("'") url(${U})}</style>`],
  ['a style sheet of SVG', 1, (c) => `<svg><style>a{font-family:"${c}";b:url(${U})}</style></svg>`],
  ['CDATA of SVG', 1, (c) => `<svg><style><![CDATA[a{b:"${c}]>";c:url(${U})}]]></style></svg>`],
  ['CDATA', 1, (c) => `<svg><g><![CDATA[${c}]><img src="${U}">]]></g></svg><img src="${U}">`],
  ['a document in srcdoc', 1, (c) => `<iframe srcdoc="<style>a{b:'${c}';c:url(${U})}</style>"></iframe>`],
  ['an attribute', 1, (c) => `<img alt=${c} src=${U} title="${c}" data-${c}='${c}'>`],
  ['a srcset', 2, (c) => `<img srcset="${U} 1x, /${c} 2x, ${card} 3x">`],
];

describe.each(encodings)('%s', (encoding) => {
  const { all, bySymbol, encode } = characters.get(encoding)!;

  test.each(shareOf(places, 3))('signed as in UTF-8: behind %s', (_place, count, pageOf) => {
    const samples = [...bySymbol.values()].flatMap((each) => [each[0]!, each.at(-1)!]);
    for (const character of [all[0]!, all.at(-1)!, ...samples]) {
      const page = metaOf(encoding) + pageOf(character);
      const expected = signerWith().rewriteHtml(page);
      expect(countTokens(expected)).toBe(count);
      const out = rewriteInChunks(signerWith().htmlRewriter(), inChunksOf(1, encode(page)));
      expect([character, new TextDecoder(encoding).decode(out)]).toEqual([character, expected]);
    }
    rewrite(encode(metaOf(encoding) + pageOf(samples[4] ?? all[0]!)));
  });

  test('property: a page of any shape is signed as the same page in UTF-8', () => {
    const symbols = [...bySymbol.values()];
    const decoder = new TextDecoder(encoding);
    let signed = 0;
    fc.assert(
      fc.property(randoms, (random) => {
        const one = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
        const character = (): string => one(symbols.length > 0 && random() < 0.7 ? one(symbols) : all);
        const some = (least: number, most: number, make: () => string): string[] =>
          Array.from({ length: least + Math.floor(random() * most) }, make);
        const text = (): string =>
          some(0, 4, () => (random() < 0.2 ? one([...'aux7 -']) : character())).join('');
        const image = (): string => url(one(['thumb', 'card', 'preview']));
        const sheets = [
          () => `a{b:"${text()}"}`,
          () => `a{b:'${text()}\\${character()}'}`,
          () => `${text()}url(${image()})`,
          () => `a{b:url(${text()})}`,
          () => `a{b:url( "${image()}")}`,
          () => `image-set("${image()}" ${text()},[${text()}]"${image()}")`,
          () => `.${text()}\\${character()}{}`,
          () => `#${text()}{}@${text()};`,
          () => `/*${text()}*/`,
          () => `a{b:url(${text()} ${text()}'${text()})}`,
        ];
        const css = (): string => some(1, 4, () => one(sheets)()).join('');
        const values = [
          () => `"${text()}"`,
          () => `{"${text()}":"${image()}"}`,
          () => `"${image()}"`,
          () => `"\\"${text()}"`,
        ];
        const json = (): string => `[${some(1, 4, () => one(values)()).join()}]`;
        const parts = [
          () => text(),
          () => `<img alt="${text()}" src='${image()}' data-${text()}=${text()}>`,
          () => `<p style='${css().replaceAll("'", '&#39;')}'>`,
          () => `<style>${css()}</style>`,
          () => `<script type="application/json">${json()}</script>`,
          () => `<svg><style>${css()}</style><g><![CDATA[${text()}]>${image()}]]></g></svg>`,
          () => `<svg><style><![CDATA[${css()}]]></style></svg>`,
          () => `<img srcset="${image()} ${text()}, ${text()} 2x, ${image()} 3x">`,
          () => `<iframe srcdoc="<style>${css().replaceAll('"', '&quot;')}</style>"></iframe>`,
          () => `<!--${text()}-->`,
        ];
        const page = metaOf(encoding) + some(1, 6, () => one(parts)()).join('');
        const expected = signerWith().rewriteHtml(page);
        const bytes = encode(page);
        const chunks = inChunksOf(1 + Math.floor(random() * 40), bytes);
        const out = rewriteInChunks(signerWith().htmlRewriter(), chunks);
        if (decoder.decode(out) !== expected) expect.fail(page);
        if (!out.equals(signerWith().rewriteHtml(bytes))) expect.fail(`chunks: ${page}`);
        signed += countTokens(expected);
      }),
      { numRuns: runs(1) },
    );
    expect(signed).toBeGreaterThan(runs(1));
  });
});

describe('where the encoding is named', () => {
  const page = `<script type="application/ld+json">{"name":"表","image":"${url()}"}</script>`;
  const bytes = characters.get('shift_jis')!.encode(page);
  /** In GBK the same page ends its string elsewhere: a quote is missing. */
  const mark = Buffer.from([0xef, 0xbb, 0xbf]);

  test.each([
    ['the Content-Type', 'charset=Shift_JIS', '', 1],
    ['the Content-Type by another label', 'charset=MS_Kanji', '', 1],
    ['a meta', '', '<meta charset=sjis>', 1],
    ['a meta with an http-equiv', '', '<meta http-equiv=content-type content="charset=x-sjis">', 1],
    ['the Content-Type, which counts more than a meta', 'charset=windows-31j', '<meta charset=utf-8>', 1],
    ['the Content-Type, and a meta does not count', 'charset=utf-8', '<meta charset=shift_jis>', 0],
    ['nothing', '', '', 0],
    ['a meta beyond the first 1024 bytes', '', `${' '.repeat(1024)}<meta charset=sjis>`, 0],
  ])('%s', async (_title, type, head, count) => {
    const sent = Buffer.concat([Buffer.from(head), bytes]);
    expect(tokensIn(await respond(`text/html; ${type}`, sent))).toBe(count);
  });

  test('a byte order mark counts more than the Content-Type', async () => {
    const utf8 = Buffer.concat([mark, Buffer.from(`<img src="${url('card', 'café')}">${page}`)]);
    for (const size of [1, 2, 3, 7, utf8.length]) {
      const body = ReadableStream.from(inChunksOf(size, utf8)) as ReadableStream<Uint8Array>;
      const response = await imageSigner(base as never)(
        new Request('https://shop.example/'),
        () => new Response(body, { headers: { 'content-type': 'text/html; charset=shift_jis' } }),
      );
      expect(countTokens(await response.text())).toBe(2);
    }
  });

  test.each([
    ['a part of a mark', Buffer.from([0xef, 0xbb])],
    ['nothing', Buffer.alloc(0)],
    ['half a character', Buffer.from([0x95])],
  ])('a page that is only %s stays as it is', async (_title, sent) => {
    expect((await respond('text/html; charset=big5', sent)).equals(sent)).toBe(true);
  });

  test('the page cache tells encodings apart', async () => {
    const sign = imageSigner(base as never);
    for (let visit = 0; visit < 4; visit++) {
      expect(tokensIn(await respond('text/html; charset=shift_jis', bytes, sign))).toBe(1);
      expect(tokensIn(await respond('text/html; charset=iso-8859-1', bytes, sign))).toBe(0);
      expect(tokensIn(await respond('text/html; charset=utf-8', bytes, sign))).toBe(0);
    }
  });

  test('what a page holds before its meta is read as before, wherever the page is cut', () => {
    const out = rewrite(Buffer.concat([bytes, Buffer.from(metaOf('shift_jis')), bytes]));
    expect(tokensIn(out)).toBe(1);
    expect(out.subarray(0, bytes.length).equals(bytes)).toBe(true);
  });
});

describe('bytes that are no character', () => {
  /** A string that `\"` goes on with, where the two bytes are no character and the `\` is one itself. */
  const pageOf = (lead: number): Buffer =>
    Buffer.concat([
      Buffer.from('<script type="application/json">["'),
      Buffer.from([lead]),
      Buffer.from(`\\","${url()}"]</script>`),
    ]);

  test.each<[Encoding | 'other', number, number]>([
    ['shift_jis', 0x83, 1],
    ['shift_jis', 0x85, 0],
    ['shift_jis', 0xa0, 0],
    ['shift_jis', 0xff, 0],
    ['big5', 0x87, 1],
    ['big5', 0x81, 0],
    ['gbk', 0x81, 1],
    ['gbk', 0x80, 0],
    ['euc-kr', 0x81, 0],
    ['euc-jp', 0xb0, 0],
    ['other', 0x95, 0],
  ])('%s: after %i a backslash is a second byte, or not', (encoding, lead, count) => {
    const meta = metaOf(encoding === 'other' ? 'windows-1252' : encoding);
    expect(tokensIn(rewrite(Buffer.concat([Buffer.from(meta), pageOf(lead)])))).toBe(count);
  });
});

test('a page in another encoding is held back no longer than one in UTF-8, and to the same limit', () => {
  const character = '\x95\\'; // in Shift_JIS, and no UTF-8
  const long = (length: number): string => `<img alt="${'a'.repeat(length)}" src="${url()}">`;
  const text = `<p>${character}</p><img src="${url()}"><style>a{b:url(${url()})}${character}</style>${long(60_000)}${long(70_000)}${long(1)}`;
  const [utf8, japanese] = ['utf-8', 'shift_jis'].map((encoding) => {
    const rewriter = signerWith().htmlRewriter();
    const head = metaOf(encoding).padEnd(30);
    return inChunksOf(1_000, Buffer.from(head + text, 'latin1')).map((chunk) => rewriter.write(chunk).length);
  });
  expect(japanese).toEqual(utf8);
});

describe('a URL with characters beyond ASCII', () => {
  const legacy = ['shift_jis', 'gbk', 'big5', 'euc-kr', 'windows-1252', 'iso-8859-2', 'koi8-r'];
  /** In UTF-8 `é`, in every one of these other characters. */
  const chance = 'caf\xc3\xa9';
  const img = (image: string): string => `<img src="${image}">`;
  const css = (image: string): string => `<style>a{b:url(${image})}</style>`;
  const json = (image: string): string => `<script type="application/json">["${image}"]</script>`;
  const pages: readonly (readonly [place: string, page: (image: string) => string])[] = [
    ['an attribute', img],
    ['a srcset', (image) => `<img srcset="${image} 1x">`],
    ['CSS', css],
    ['JSON', json],
  ];

  describe.each(pages)('in %s', (_place, pageOf) => {
    test.each(legacy)('stays as it is in %s, even if it could be read as UTF-8', async (encoding) => {
      const bytes = Buffer.from(pageOf(url('card', chance)), 'latin1');
      const named = Buffer.concat([Buffer.from(metaOf(encoding)), bytes]);
      expect((await respond(`text/html; charset=${encoding}`, bytes)).equals(bytes)).toBe(true);
      expect(rewrite(named).equals(named)).toBe(true);
    });

    test.each(['', metaOf('utf-8'), metaOf('utf-16')])('is signed in UTF-8: %j', (head) => {
      const bytes = Buffer.from(head + pageOf(url('card', chance)), 'latin1');
      const out = rewrite(bytes).toString('latin1');
      expect(countTokens(out)).toBe(1);
      expect(out).toContain('caf%C3%A9/card?exp=');
    });
  });

  test.each([
    ['a reference', img, 'caf&eacute;'],
    ['a reference without its semicolon', (image: string) => `<img src=${image}>`, 'caf&#233'],
    ['an escape of CSS', css, 'caf\\e9'],
    ['an escape of JSON', json, 'caf\\u00e9'],
    ['percent-encoding', img, 'caf%C3%A9'],
  ])('is signed if %s spells it in ASCII', (_title, pageOf, id) => {
    for (const encoding of legacy) {
      const out = rewrite(Buffer.from(metaOf(encoding) + pageOf(url('card', id)))).toString('latin1');
      expect(countTokens(out)).toBe(1);
      expect(out).toContain('caf%C3%A9/card?exp=');
    }
  });

  test.each(['&eacute;', '&#x8868;'])(
    'is not signed with %s in its query, which the encoding decides',
    (reference) => {
      const image = `<img src="${url()}?name=${reference}">`;
      for (const encoding of legacy) expect(tokensIn(rewrite(Buffer.from(metaOf(encoding) + image)))).toBe(0);
      expect(tokensIn(rewrite(Buffer.from(metaOf('utf-8') + image)))).toBe(1);
      expect(tokensIn(rewrite(Buffer.from(`${metaOf('gbk')}<img src="${url()}#?${reference}">`)))).toBe(1);
    },
  );

  test('nothing that is written beyond ASCII goes into a page in another encoding', () => {
    // The reference stands open, so it would be written again with the token that goes.
    const image = `<img src=${url('preview', 'caf')}#&eacute>`.replace('#', '?exp=1#');
    const open = `<img src=${url('preview')}/gro&szlig?exp=1>`;
    for (const page of [image, open, `<style>a{b:url(${url('preview')}/gro\\df?exp=1)}</style>`]) {
      const out = rewrite(Buffer.from(metaOf('gbk') + page)).toString('latin1');
      expect(out).not.toMatch(/[^\0-\x7f]/);
      expect(withoutTokens(out).replace('?exp=1', '')).toBe((metaOf('gbk') + page).replace('?exp=1', ''));
    }
  });

  test('a page with 150,000 images is signed but for the one that cannot be written', () => {
    const images = `<img src="${url()}">`.repeat(150_000);
    const open = `<img src=${url('gro')}&szlig?exp=1>`;
    const signer = signerWith({ variants: { thumb: {}, groß: { alwaysPublic: true } } });
    const out = signer.rewriteHtml(Buffer.from(`${metaOf('gbk')}${images}${open}`));
    expect(tokensIn(Buffer.from(out))).toBe(150_000);
    expect(Buffer.from(out.subarray(-open.length)).toString('latin1')).toBe(open);
  });
});
