/** What an explanation says besides its codes: words, the text to sign, the time, and how it takes its options. */
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Explanation, explainUrl, type FindingCode } from '../../../src/diagnosis.ts';
import { createSigner, type SignerOptions } from '../../../src/index.ts';
import { bunny } from '../../../src/schemes.ts';
import * as samples from '../../support/samples.ts';

const { accountHash, base, clockAt, id, instant, otherAccount, signerWith, url } = samples;
const options: SignerOptions = { ...base, accountHash };
const signer = signerWith({ accountHash });
const signed = signer.signImage(url());

/** The same at another base. */
const at = (base: string, text = signed): string => text.replace('https://imagedelivery.net', base);

const codesOf = ({ findings }: Explanation): string[] => findings.map(({ code }) => code);

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
  expect(codesOf(explainUrl(token, { signer: astray }))).toEqual(['untrusted-clock']);
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
  const given = `(${signed.replace('https', 'ftp').replace('&', '&amp;')}&utm_source=x`;
  const explanation = explainUrl(given, options);
  const order = ['stray-characters', 'html-escaped', 'other-scheme', 'parameter-added'];
  expect(codesOf(explanation)).toEqual(order);
  expect(explanation.findings.at(-1)!.message).toContain("'utm_source'");
});

test('a URL elsewhere shows the entry of `delivery` to add, and is explained as if it were there', () => {
  const delivery = 'https://shop.example/cdn-cgi/imagedelivery';
  const explanation = explainUrl(at('http://Shop.example/cdn-cgi/imagedelivery'), options);
  expect(explanation.image).toMatchObject({ base: delivery, id });
  expect(messageOf(explanation, 'not-under-delivery')).toContain(`'${delivery}'`);
  expect(explainUrl(at(delivery), { ...options, delivery }).ok).toBe(true);
});

test('a URL under `from` is told as such, and explained as the one that it becomes', () => {
  const stored = { ...options, from: 'http://images.internal:8080' };
  const explanation = explainUrl(at('http://images.internal:8080').replace(/.$/, 'x'), stored);
  expect(explanation.ok).toBe(false);
  expect(explanation.image).toMatchObject({ base: 'https://imagedelivery.net', id });
  expect(codesOf(explanation)).toEqual(['under-from', 'malformed-signature']);
  expect(explainUrl(signed, stored).ok).toBe(true);
});

test('an id that was encoded too much is shown as it has to be passed', () => {
  const explanation = explainUrl(url('thumb', 'caf%C3%A9%2C1%2F2'), options);
  expect(messageOf(explanation, 'encoded-path')).toContain("'café,1/2'");
  expect(explanation.image?.id).toBe('café,1/2');
});

test("the account hash is told from the API's account id, and from one in another case", () => {
  const messageFor = (account: string): string | undefined =>
    messageOf(explainUrl(url('thumb', id, account), options), 'account-not-allowed');
  expect(messageFor('0123456789abcdef0123456789abcdef')).toContain("API's account id");
  expect(messageFor(accountHash.toLowerCase())).toContain('only in case');
  expect(messageFor(otherAccount)).not.toContain('case');
  const cased = messageOf(explainUrl(url('Thumb'), options), 'variant-not-allowed');
  expect(cased).toContain("differs from 'thumb'");
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
  const wrong = [
    undefined,
    {},
    { ...base, ttl: '1 day' },
    { ...base, key: ' k' },
    { signer: {} },
    { signer, ttl: 1 },
  ];
  const error = expect.objectContaining({ name: 'ImageSignerError', code: 'INVALID_OPTION' });
  for (const each of wrong) expect(() => explainUrl(signed, each as never)).toThrow(error);
});

const path = `/${accountHash}/${id}/thumb`;

test.each([
  [`/cdn-cgi/imagedelivery${path}?exp=1790050000`, '`/cdn-cgi/imagedelivery<path><query>`'],
  [`${path}:1790050000`, '`<path>:<expiry>`'],
  [`${id}|thumb|1790050000`, '`<image id>|<variant>|<expiry>`'],
])('the message of a wrong recipe says what was signed instead: %s', (text, told) => {
  const sig = createHmac('sha256', String(base.key)).update(text).digest('hex');
  const { findings } = explainUrl(`${url()}?exp=1790050000&sig=${sig}`, options);
  expect(findings[0]!.message).toContain(told);
});

test('what is said of a URL of a scheme names no option that a scheme does not have', () => {
  const store = 'https://shop.b-cdn.net';
  const scheme = bunny({ url: store, key: 'a-key', prefixes: 'uploads/' });
  const mine = createSigner({ scheme, ttl: '1h' });
  const own = mine.signImage('uploads/a.jpg');
  const told = [`${store}/invoices/1.jpg`, `${own}0`, own.replace('a.jpg', 'b.jpg')].map(
    (each) => explainUrl(each, { signer: mine }).findings[0]!,
  );
  const codes = ['not-a-delivery-url', 'unknown-signature', 'unknown-signature'];
  expect(told.map(({ code }) => code)).toEqual(codes);
  expect(told[0]!.fix).toContain('`prefixes`');
  expect(told.map(({ fix }) => fix).join(' ')).not.toMatch(/delivery|signedText|accountHash/);
});
