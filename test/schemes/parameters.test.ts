/** The option `parameters`: what a query may add to what a token opens. */
import { describe, expect, test } from 'vitest';
import { createSigner, type ImageSignerEvent, type Signer } from '../../src/index.ts';
import type { Scheme } from '../../src/schemes.ts';
import { errorOf } from '../support/schemes/calls.ts';
import { schemeAt } from '../support/schemes/table.ts';

const base = 'https://photos.example/b';
type Make = (parameters?: string | readonly string[]) => Scheme;
const schemes = (['s3', 'cloudFront', 'googleCdn'] as const).map(
  (name) =>
    [name, (parameters) => schemeAt(name, base, { prefixes: 'uploads/', parameters })] as [string, Make],
);

function signerOf(scheme: Scheme, events: ImageSignerEvent[] = []): Signer {
  return createSigner({
    scheme,
    ttl: '1h',
    now: () => 1_800_000_000_000,
    report: (event) => void events.push(event),
  });
}

const url = `${base}/uploads/a.jpg`;
const asks = (
  'response-cache-control=no-store response-expires=0 response-content-type=text/html versionId=1 lambdaArn=1 acl ' +
  'tagging= X=1 V=1 generation=3 Response-Expires=0 %76ersionId=1 =1'
).split(' ');

describe.each(schemes)('%s', (name, make) => {
  const signer = signerOf(make());

  test.each(asks)('%s of a stranger is not signed, and the picture is', (query) => {
    const signed = signer.signImage(`${url}?${query}`);
    expect(signed).toBe(signer.signImage(url));
    expect(signer.verifyImage(signed)).toMatchObject({ ok: true });
    expect(signer.signImage(`${url}?v=2&${query}`)).toBe(signer.signImage(`${url}?v=2`));
    // CloudFront takes a second question mark for a pattern.
    if (name !== 'cloudFront')
      expect(signer.signImage(`${url}?${query}&v=a?`)).toBe(signer.signImage(`${url}?v=a?`));
    for (const separators of ['?&', '?&&'])
      for (const text of [`${separators}${query}`, `${separators.slice(0, 1)}${query}&`])
        expect(signer.signImage(url + text)).toBe(signer.signImage(url));
    expect(signer.signImage(`${url}?${query}&v=2#top`)).toBe(signer.signImage(`${url}?v=2#top`));
  });

  test('names that tell versions apart are signed', () => {
    const versions = 'v ver t ts updatedAt w h q width height quality format';
    for (const each of versions.split(' '))
      expect(signer.signImage(`${url}?${each}=2`)).toContain(`?${each}=2&`);
    for (const each of ['fit', 'dpr', 'auto'])
      expect(signer.signImage(`${url}?${each}=2`)).toContain(`${each}=2&`);
  });

  test('names that are listed are signed, and no others', () => {
    const own = signerOf(make(['versionId', 'größe']));
    const query = '?versionId=3&gr%C3%B6%C3%9Fe=1';
    expect(own.signImage(`${url}?v=2&versionId=3&gr%C3%B6%C3%9Fe=1&x`)).toBe(own.signImage(url + query));
    expect(own.signImage(url + query)).toContain(query);
    const one = signerOf(make('x'));
    expect(one.signImage(`${url}?v=2&x=1`)).toBe(one.signImage(`${url}?x=1`));
    const none = signerOf(make([]));
    expect(none.signImage(`${url}?v=2&x=1`)).toBe(none.signImage(url));
  });

  test('a signed URL to which somebody adds a parameter does not verify', () => {
    const signed = signer.signImage(url);
    expect(signer.verifyImage(`${signed}&response-content-type=text/html`)).toMatchObject({ ok: false });
    const own = signerOf(make(['versionId']));
    const other = own.signImage(`${url}?versionId=3`);
    expect(own.verifyImage(other)).toMatchObject({ ok: true });
    // The token is good for the store. This signer would not give it out.
    expect(signer.verifyImage(other)).toEqual({ ok: false, reason: 'bad-signature' });
    expect(signer.signImage(other)).toBe(signed);
  });

  test('in a page the parameter goes, and all else stays as it is written', () => {
    const [before, after] = ["<img alt='&eacute;' src='", "' class=a>"];
    const page = (query: string): string => `${before}${url}${query}${after}`;
    const written = '?v=%32&#x26;acl&amp;w=&#51;00&amp;versionId=&quot;3&quot;&amp;h=2';
    const token = signer.signImage(`${url}?v=%32&w=300&h=2`).slice(`${url}?v=2&w=300&h=2`.length);
    const html = signer.rewriteHtml(page(written));
    const kept = html.slice(before.length + url.length, html.indexOf(after));
    expect(kept).toMatch(/^\?v=(?:%32|2)&amp;w=&#51;00&amp;h=2&amp;/);
    expect(html.replaceAll('&amp;', '&')).toContain(token.slice(-20));
    expect(signer.rewriteHtml(html)).toBe(html);
  });

  test('a refused picture keeps its parameters, and authorize is asked about what would be signed', () => {
    const asked: string[] = [];
    const strict = createSigner({
      scheme: make(),
      ttl: '1h',
      report: false,
      authorize: (image) => asked.push(image.url) < 0,
    });
    const page = `<img src="${url}?v=2&amp;size=large">`;
    expect(strict.rewriteHtml(page)).toBe(page);
    expect(asked).toEqual([`${url}?v=2`]);
  });

  test('each name is told once, by its name', () => {
    const events: ImageSignerEvent[] = [];
    const told = signerOf(make(), events);
    for (const query of ['size=1', 'size=2&v=3', 'v=1', 'size=3&other=1'])
      told.rewriteHtml(`<img src="${url}?${query}">`);
    told.signImage(`${url}?size=4&third=1`);
    expect(events).toEqual([
      { type: 'skipped', url: `${url}?size=1`, reason: 'parameter-not-allowed', parameter: 'size' },
      { type: 'skipped', url: `${url}?size=3&other=1`, reason: 'parameter-not-allowed', parameter: 'other' },
      { type: 'skipped', url: `${url}?size=4&third=1`, reason: 'parameter-not-allowed', parameter: 'third' },
    ]);
  });

  test('whoever invents names does not fill a log, nor show a key in it', () => {
    const events: ImageSignerEvent[] = [];
    const told = signerOf(make(), events);
    const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY';
    told.signImage(`${url}?${secret}=1`);
    for (let at = 0; at < 200; at++) told.signImage(`${url}?n${at}=1`);
    expect(events).toHaveLength(64);
    expect(JSON.stringify(events)).not.toContain(secret);
  });

  test.each([[['']], [['a&b']], [[1]], [5], [['v', 'a=b']], [{}]])(
    'parameters: %j is refused',
    (parameters) => {
      expect(errorOf(() => make(parameters as never))).toMatchObject({ code: 'INVALID_OPTION' });
    },
  );
});

test('s3 signs no subresource and no other type, even if it is listed', () => {
  const signer = signerOf(schemes[0]![1](['acl', 'response-content-type', 'response-content-disposition']));
  for (const query of ['acl', 'response-content-type=text/html', 'response-content-disposition=inline'])
    expect(() => signer.signImage(`${url}?${query}`), query).toThrow();
  expect(signer.signImage(`${url}?response-content-disposition=attachment`)).toContain('attachment&');
});

test.each(schemes)('%s: a token alone behind separators leaves no ? of its own', (name, make) => {
  const signer = signerOf(make());
  const token = name === 's3' ? 'X-Amz-Date=1' : 'Expires=1';
  for (const query of [`?&${token}`, `?${token}&`]) {
    expect(signer.unsignImage(url + query)).toBe(url);
    expect(signer.signImage(url + query)).toBe(signer.signImage(url));
    expect(signer.rewriteHtml(`<img src="${url + query}">`)).toBe(signer.rewriteHtml(`<img src="${url}">`));
  }
});
