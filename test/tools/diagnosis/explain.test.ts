/** What an explanation says besides its codes: words, the text to sign, the time, and how it takes its options. */
import { expect, test } from 'vitest';
import { type Explanation, explainUrl, type FindingCode } from '../../../src/diagnosis.ts';
import { createSigner, type SignerOptions } from '../../../src/index.ts';
import { bunny } from '../../../src/schemes.ts';
import {
  accountHash,
  base,
  clockAt,
  id,
  instant,
  otherAccount,
  signerWith,
  url,
} from '../../support/samples.ts';

const options: SignerOptions = { ...base, accountHash };
const signer = signerWith({ accountHash });
const signed = signer.signImage(url());

function messageOf(explanation: Explanation, code: FindingCode): string | undefined {
  const found = explanation.findings.find((each) => each.code === code);
  return found && `${found.message} ${found.fix}`;
}

test.each([
  [1, '1 second'],
  [60, '1 minute'],
  [3_600 * 2 + 61, '2 hours and 1 minute'],
  [86_400 * 3 + 3_600 * 4 + 5, '3 days and 4 hours'],
  [86_400 * 3 + 5, '3 days'],
])('a token that expired %i seconds ago is said to have expired %s ago', (seconds, words) => {
  const expiresAt = instant / 1000 - seconds;
  const explanation = explainUrl(signer.signImage(url(), undefined, { expiresAt }), options);
  const date = new Date(expiresAt * 1000).toISOString().slice(0, 19).replace('T', ' ');
  expect(explanation).toMatchObject({ ok: false, expiresAt });
  expect(messageOf(explanation, 'expired')).toContain(`expired ${words} ago (${date} UTC)`);
});

test('a token expires at its second, by the clock of the options or of the signer', () => {
  const clock = clockAt();
  const ticking = signerWith({ now: clock });
  const token = ticking.signImage(url(), undefined, { expiresAt: instant / 1000 + 1 });
  expect(explainUrl(token, { signer: ticking }).ok).toBe(true);
  expect(explainUrl(token, { ...base, now: clock }).ok).toBe(true);
  clock.advance(1);
  expect(messageOf(explainUrl(token, { signer: ticking }), 'expired')).toContain('expired 0 seconds ago');
  expect(explainUrl(token, { ...base, now: clock }).ok).toBe(false);
});

test.each([
  ['https://imagedelivery.net/', 'none'],
  [`https://imagedelivery.net/${accountHash}/${id}`, '2'],
])('%s, which is no image, is told what the URL of one looks like', (given, count) => {
  const message = messageOf(explainUrl(given, options), 'variant-missing');
  expect(message).toContain('ends in /<account hash>/<image id>/<variant>');
  expect(message).toContain(`has ${count} of these parts`);
});

test('a clock that goes back to 1970 is named, and the token is not called expired', () => {
  let now = instant;
  const astray = signerWith({ now: () => now });
  const token = astray.signImage(url());
  now = 0;
  expect(explainUrl(token, { signer: astray }).findings.map(({ code }) => code)).toEqual(['untrusted-clock']);
});

test('the text to sign is that of the package, or what the valid signature is over', () => {
  const path = `/${accountHash}/${id}/thumb`;
  expect(explainUrl(`${url()}?b=1&exp=1790050000&a=%20&sig=x`, options).signedText).toBe(
    `${path}?b=1&a=+&exp=1790050000`,
  );
  expect(explainUrl(`${url()}?exp=1790050000123&sig=x`, options)).toMatchObject({
    signedText: `${path}?exp=1790050000`,
    expiresAt: 1_790_050_000,
  });
  expect(explainUrl(url(), options)).not.toHaveProperty('signedText');
  const open = signerWith({ delivery: { base: 'https://img.example', accountHash } });
  const own = open.signImage(`https://img.example/${id}/thumb`);
  expect(explainUrl(own, { signer: open })).toMatchObject({ ok: true, findings: [] });
  expect(explainUrl(own, { signer: open }).signedText).toMatch(new RegExp(`^${path}\\?exp=\\d+$`));
});

test('several mistakes come in the order in which to fix them', () => {
  const given = `(${signed.replace('https', 'ftp').replace('&', '&amp;')})&utm_source=x`.replace(
    ')&utm_source=x',
    '&utm_source=x',
  );
  const { findings } = explainUrl(given, options);
  expect(findings.map(({ code }) => code)).toEqual([
    'stray-characters',
    'html-escaped',
    'other-scheme',
    'parameter-added',
  ]);
  expect(findings.at(-1)!.message).toContain("'utm_source'");
});

test('a URL elsewhere shows the entry of `delivery` to add, and is explained as if it were there', () => {
  const explanation = explainUrl(
    signed.replace('https://imagedelivery.net', 'http://Shop.example/cdn-cgi/imagedelivery'),
    options,
  );
  expect(explanation.image).toMatchObject({ base: 'https://shop.example/cdn-cgi/imagedelivery', id });
  expect(messageOf(explanation, 'not-under-delivery')).toContain(
    "'https://shop.example/cdn-cgi/imagedelivery'",
  );
  const added = { ...options, delivery: explanation.image!.base };
  expect(
    explainUrl(
      signed.replace('https://imagedelivery.net', 'https://shop.example/cdn-cgi/imagedelivery'),
      added,
    ).ok,
  ).toBe(true);
});

test('a URL under `from` is told as such, and explained as the one that it becomes', () => {
  const stored = { ...options, from: 'http://images.internal:8080' };
  const explanation = explainUrl(
    signed.replace('https://imagedelivery.net', 'http://images.internal:8080').replace(/.$/, 'x'),
    stored,
  );
  expect(explanation.ok).toBe(false);
  expect(explanation.image).toMatchObject({ base: 'https://imagedelivery.net', id });
  expect(explanation.findings.map(({ code }) => code)).toEqual(['under-from', 'malformed-signature']);
  expect(explainUrl(signed, stored).ok).toBe(true);
});

test('an id that was encoded too much is shown as it has to be passed', () => {
  const explanation = explainUrl(url('thumb', 'caf%C3%A9%2C1%2F2'), options);
  expect(messageOf(explanation, 'encoded-path')).toContain("'café,1/2'");
  expect(explanation.image?.id).toBe('café,1/2');
});

test("the account hash is told from the API's account id, and from one in another case", () => {
  const apiId = explainUrl(url('thumb', id, '0123456789abcdef0123456789abcdef'), options);
  expect(messageOf(apiId, 'account-not-allowed')).toContain('account id of the API');
  expect(
    messageOf(explainUrl(url('thumb', id, accountHash.toLowerCase()), options), 'account-not-allowed'),
  ).toContain('Only its case');
  expect(messageOf(explainUrl(url('thumb', id, otherAccount), options), 'account-not-allowed')).not.toContain(
    'case',
  );
  expect(messageOf(explainUrl(url('Thumb'), options), 'variant-not-allowed')).toContain(
    "differs from 'thumb'",
  );
});

test('an id of its own is a hint at Cloudflare, and none where a site delivers images itself', () => {
  const own = signerWith({ delivery: '/images' });
  expect(explainUrl(own.signImage('/images/a/photo-1/thumb'), { signer: own })).toMatchObject({
    ok: true,
    findings: [],
  });
  expect(explainUrl(signer.signImage(url('thumb', 'photo-1')), { signer })).toMatchObject({
    ok: true,
    findings: [{ code: 'custom-id', kind: 'hint' }],
  });
});

test.each([undefined, null, 1, {}, new URL(signed)])('%j is no URL, and does not throw', (given) => {
  expect(explainUrl(given as string, options)).toEqual({
    ok: false,
    findings: [expect.objectContaining({ code: 'not-a-url' })],
  });
});

test('options are checked as createSigner checks them', () => {
  for (const wrong of [
    undefined,
    {},
    { ...base, ttl: '1 day' },
    { ...base, key: ' k' },
    { signer: {} },
    { signer, ttl: 1 },
  ]) {
    expect(() => explainUrl(signed, wrong as never)).toThrow(
      expect.objectContaining({ name: 'ImageSignerError', code: 'INVALID_OPTION' }),
    );
  }
});

test('the message of a wrong recipe says what was signed instead', async () => {
  const { createHmac } = await import('node:crypto');
  const over = (text: string): Explanation =>
    explainUrl(
      `${url()}?exp=1790050000&sig=${createHmac('sha256', base.key as string)
        .update(text)
        .digest('hex')}`,
      options,
    );
  const path = `/${accountHash}/${id}/thumb`;
  expect(over(`/cdn-cgi/imagedelivery${path}?exp=1790050000`).findings[0]!.message).toContain(
    '`/cdn-cgi/imagedelivery<path><query>`',
  );
  expect(over(`${path}:1790050000`).findings[0]!.message).toContain('`<path>:<expiry>`');
  expect(over(`${id}|thumb|1790050000`).findings[0]!.message).toContain('`<image id>|<variant>|<expiry>`');
});

test('what is said of a URL of a scheme names no option that a scheme does not have', () => {
  const store = 'https://shop.b-cdn.net';
  const scheme = bunny({ url: store, key: 'a-key', prefixes: 'uploads/' });
  const mine = createSigner({ scheme, ttl: '1h' });
  const told = [
    `${store}/invoices/1.jpg`,
    `${mine.signImage('uploads/a.jpg')}0`,
    mine.signImage('uploads/a.jpg').replace('a.jpg', 'b.jpg'),
  ].map((each) => explainUrl(each, { signer: mine }).findings[0]!);
  expect(told.map(({ code }) => code)).toEqual([
    'not-a-delivery-url',
    'unknown-signature',
    'unknown-signature',
  ]);
  expect(told[0]!.fix).toContain('`prefixes`');
  expect(told.map(({ fix }) => fix).join(' ')).not.toMatch(/delivery|signedText|accountHash/);
});
