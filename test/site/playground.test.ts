/** How the playground rewrites a page and reads a link, on Node.js; `browser.test.ts` uses it as a visitor does. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainUrl, rewritePage, signerOf } from '../../docs/.vitepress/theme/playground/engine.ts';
import { fragmentOf, type PlaygroundState, stateOf } from '../../docs/.vitepress/theme/playground/link.ts';
import type { RewrittenPage } from '../../docs/.vitepress/theme/playground/page.ts';
import { samplePages } from '../../docs/.vitepress/theme/playground/sample-pages.ts';
import { fieldsOf, samplesOf, schemeNames } from '../../docs/.vitepress/theme/playground/schemes.ts';
import '../support/seed.ts';

const account = 'https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A';
const cloudflare = signerOf('cloudflareImages', samplesOf('cloudflareImages'));

/** The page as it is shown, with `[kind|…]` for marks. */
function shown({ blocks }: RewrittenPage): string {
  return blocks
    .map(({ segments }) =>
      segments.map(({ kind, text }) => (kind === undefined ? text : `[${kind}|${text}]`)).join(''),
    )
    .join('\n');
}

function withoutMarks(page: RewrittenPage): string {
  return page.blocks.map(({ segments }) => segments.map(({ text }) => text).join('')).join('\n');
}

function withoutTokens(text: string): string {
  return text.replaceAll(/\?exp=\d+&(?:amp;)*sig=[0-9a-f]{64}/g, '');
}

describe.each(schemeNames)('%s', (name) => {
  const signer = signerOf(name, samplesOf(name));
  const { html, url } = samplePages[name];

  test('the sample shows which URLs are signed, which are not, and why', () => {
    const page = rewritePage(html, signer);
    expect(page.text).toBe(signer.rewriteHtml(html));
    expect(withoutMarks(page)).toBe(page.text);
    expect(page.counts.signed).toBeGreaterThan(1);
    expect(page.counts).toMatchObject({ skipped: 1, unread: 1 });
    const marks = page.blocks.flatMap(({ segments }) => segments.filter(({ kind }) => kind !== undefined));
    expect(marks.length).toBe(Object.values(page.counts).reduce((sum, count) => sum + count));
    for (const { message } of page.rows) expect(message).toMatch(/^[A-Z].*\.$/);
  });

  test('the sample URL does not work, and is explained', () => {
    const { ok, findings } = explainUrl(url, { signer });
    expect(ok).toBe(false);
    expect(findings.map(({ code }) => code)).toEqual([
      { cloudflareImages: 'key-with-white-space', cloudflareWaf: 'unknown-signature' }[name as string] ??
        'missing-signature',
    ]);
  });

  test('each field is an option, and its mistake names it', () => {
    for (const { name: field } of fieldsOf(name)) {
      if (field === 'accountHash' || field === 'alwaysPublic' || field === 'delivery') continue; // may be empty
      const error = thrownBy(() => signerOf(name, { ...samplesOf(name), alwaysPublic: '', [field]: ' ' }));
      expect(error).toMatchObject({
        code: 'INVALID_OPTION',
        option: expect.stringMatching(`(?:^|\\.)${field}$`),
      });
    }
  });

  test('a link restores everything except the keys', () => {
    const state: PlaygroundState = { scheme: name, values: samplesOf(name), html, url };
    const result = fragmentOf(state);
    expect(result.ok).toBe(true);
    const read = stateOf((result as { fragment: string }).fragment);
    const shared = fieldsOf(name).flatMap(({ name: field, isSecret, sample }) =>
      isSecret ? [] : [[field, sample]],
    );
    expect(read).toEqual({ ...state, values: Object.fromEntries(shared) });
  });
});

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe('marks are where the URLs are', () => {
  const token = '?exp=2000000000&amp;sig=0';
  const cases: [about: string, html: string, expected: string][] = [
    ['in an attribute', '<img src=" @/é/thumb ">', '<img src=" [signed|@/%C3%A9/thumb] ">'],
    [
      'in a srcset',
      '<img srcset="@/1/thumb 1x,@/1/x 2x">',
      '<img srcset="[signed|@/1/thumb] 1x,[skipped|@/1/x] 2x">',
    ],
    ['after text that is not ASCII', '<p>ü€😀<img src=@/1/preview>', '<p>ü€😀<img src=[public|@/1/preview]>'],
    ['of a token that is removed', `<img src="@/1/preview${token}">`, '<img src="[public|@/1/preview]">'],
    ['in a script', '<script>f("@/1/thumb")</script>', '<script>f("[unread|@/1/thumb]")</script>'],
    ['in an attribute that is not read', '<p title="@/1/thumb">', '<p title="[unread|@/1/thumb]">'],
    [
      'twice, once in text',
      '<p>@/1/thumb<img src="@/1/thumb">',
      '<p>[unread|@/1/thumb]<img src="[signed|@/1/thumb]">',
    ],
    ['in CSS', '<style>p{b:url(@/1/thumb)}</style>', '<style>p{b:url([signed|@/1/thumb])}</style>'],
    [
      'in a document',
      `<iframe srcdoc="<img src='@/1/thumb'>">`,
      `<iframe srcdoc="<img src='[signed|@/1/thumb]'>">`,
    ],
    ...['{{id}}', '<%= id %>'].map((id): [string, string, string] => [
      `beside a template with ${id}`,
      `<script type="text/x-template"><img src="@/${id}/thumb"></script><img src="@/1/thumb">`,
      `<script type="text/x-template"><img src="[unread|@/]${id}/thumb"></script><img src="[signed|@/1/thumb]">`,
    ]),
    [
      'and nowhere else',
      `<a href="https://people.example/imagedelivery">imagedelivery.net</a>`,
      `<a href="https://people.example/imagedelivery">imagedelivery.net</a>`,
    ],
  ];

  test.each(cases)('%s', (_about, html, expected) => {
    const page = rewritePage(html.replaceAll('@', account), cloudflare);
    expect(withoutTokens(shown(page))).toBe(expected.replaceAll('@', account));
  });

  test('of URLs that have a valid token', () => {
    const signed = cloudflare.signImage(`${account}/1/thumb`);
    const page = rewritePage(`<img src="${signed}">`, cloudflare);
    expect(shown(page)).toBe(`<img src="[kept|${signed}]">`);
    expect(page.rows).toMatchObject([{ url: `${account}/1/thumb`, count: 1 }]);
  });

  test('of a URL that a template computes, which stays', () => {
    const html = `<script type="text/x-template"><img src="${account}/{{id}}/thumb"></script>`;
    const { rows, counts } = rewritePage(html, cloudflare);
    expect(rows[0]).toMatchObject({ kind: 'skipped', fix: expect.stringContaining('signData') });
    expect(counts).toMatchObject({ signed: 0, skipped: 1 });
  });

  test('of images under another base', () => {
    const page = rewritePage('<img src="https://shop.example/cdn-cgi/imagedelivery/a/1/thumb">', cloudflare);
    expect(page.rows).toMatchObject([
      {
        kind: 'skipped',
        fix: 'If it is yours, add `https://shop.example/cdn-cgi/imagedelivery` to Delivery.',
      },
    ]);
  });

  test('in any page, which stays exactly as the package writes it', () => {
    const part = fc.constantFrom(
      `${account}/1/thumb`,
      `${account}/1/x`,
      ...['<img src="', "<p style='background:url(", '<script>', '<style>', '</style>', '</script>'],
      ...['<!--', '-->', '<textarea>', '">', "')>", '"', "'", '\n', 'é😀', '&amp;', '&#x2f;', '\\/'],
      ...[' srcset="', ' 2x, ', '<svg>'],
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 40 }), (parts) => {
        const html = parts.join('');
        const page = rewritePage(html, cloudflare);
        expect(page.text).toBe(cloudflare.rewriteHtml(html));
        expect(withoutMarks(page)).toBe(page.text);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a link', () => {
  const state: PlaygroundState = {
    scheme: 'cloudflareImages',
    values: samplesOf('cloudflareImages'),
    html: '<p>é😀',
    url: '',
  };
  const { key } = state.values as { key: string };

  test.each([
    ['the page', { html: `<!-- ${key} -->` }],
    ['the URL, percent-encoded', { url: `https://a.example/?k=${encodeURIComponent(key)}` }],
    ['another field', { values: { ...state.values, accountHash: key } }],
  ])('is not made if the key is in %s', (_where, more) => {
    expect(fragmentOf({ ...state, ...more })).toEqual({ ok: false, reason: 'holds-secret' });
  });

  test('is not made for a page that is too long', () => {
    expect(fragmentOf({ ...state, html: 'a'.repeat(30_000) })).toEqual({ ok: false, reason: 'too-long' });
  });

  const encoded = (value: unknown): string =>
    `#play=${Buffer.from(JSON.stringify(value)).toString('base64url')}`;

  test.each([
    ['another fragment', '#what-this-page-leaves-out'],
    ['invalid base64', '#play=%'],
    ['invalid JSON', `#play=${Buffer.from('{').toString('base64url')}`],
    ['invalid UTF-8', `#play=${Buffer.from([0xff]).toString('base64url')}`],
    ['another shape', encoded([])],
    ['another scheme', encoded({ ...state, scheme: 'constructor' })],
    ['a page that is not text', encoded({ ...state, html: {} })],
  ])('is ignored if it is %s', (_what, fragment) => {
    expect(stateOf(fragment)).toBeUndefined();
  });

  test('sets neither a key nor a field that the scheme does not have', () => {
    const values = JSON.parse('{"key":"theirs","__proto__":"x","more":"x","ttl":1,"variants":"thumb"}');
    expect(stateOf(encoded({ ...state, values }))?.values).toEqual({ variants: 'thumb' });
  });
});
