/**
 * URLs as programs with a mistake sign them, each written here with `node:crypto` alone. The codes are those that
 * `explainUrl` has to find, in any order; hints about the image id are left out.
 */
import { createHash, createHmac } from 'node:crypto';
import type { FindingCode } from '../../src/diagnosis.ts';

/** One image, and a key. `id` is a UUID; `expiry` lies in the future of the tests' clock. */
export interface Sample {
  readonly key: string;
  readonly olderKey: string;
  readonly account: string;
  readonly id: string;
  readonly variant: string;
  readonly otherVariant: string;
  readonly expiry: number;
  /** Parameters of the image's URL, such as `v=3`. */
  readonly parameters: readonly string[];
}

export interface Mistake {
  readonly title: string;
  readonly codes: readonly FindingCode[];
  readonly url: (sample: Sample) => string;
}

const host = 'https://imagedelivery.net';
const prefix = '/cdn-cgi/imagedelivery';
const customDomain = `https://shop.example${prefix}`;

const hmac = (text: string, key: string | Buffer, digest = 'sha256'): Buffer =>
  createHmac(digest, key).update(text).digest();
const hex = (text: string, key: string | Buffer): string => hmac(text, key).toString('hex');
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const pathOf = ({ account, id, variant }: Sample): string => `/${account}/${id}/${variant}`;
const rightText = (sample: Sample): string => `${pathOf(sample)}?exp=${sample.expiry}`;
const withSignature = (sample: Sample, signature: string, base = host): string =>
  `${base}${rightText(sample)}&sig=${signature}`;

/** The right URL. */
export function rightUrl(sample: Sample, base: string = host): string {
  return withSignature(sample, hex(rightText(sample), sample.key), base);
}

/** A URL whose signature is over another text. */
function signedText(code: FindingCode, what: string, text: (sample: Sample) => string, base = host): Mistake {
  return {
    title: `signs ${what}`,
    codes: [code],
    url: (sample) => withSignature(sample, hex(text(sample), sample.key), base),
  };
}

/** A URL whose signature over the right text is computed or written in another way. */
function signature(
  codes: FindingCode | readonly FindingCode[],
  title: string,
  make: (text: string, key: string) => string,
): Mistake {
  return {
    title,
    codes: [codes].flat(),
    url: (sample) => withSignature(sample, make(rightText(sample), sample.key)),
  };
}

/** The right URL, spelled in another way. */
function spelled(
  codes: FindingCode | readonly FindingCode[],
  title: string,
  spell: (url: string, sample: Sample) => string,
): Mistake {
  return { title, codes: [codes].flat(), url: (sample) => spell(rightUrl(sample), sample) };
}

const joined = (separator: string, ...order: (keyof Sample)[]): Mistake =>
  signedText('signed-joined-parts', `${order.join(', ')} joined by ${JSON.stringify(separator)}`, (sample) =>
    order.map((name) => sample[name]).join(separator),
  );

const texts: readonly Mistake[] = [
  signedText(
    'signed-base-path',
    'the base of a custom domain too',
    (s) => prefix + rightText(s),
    customDomain,
  ),
  signedText(
    'signed-base-path',
    'the base of a custom domain, for the own one',
    (s) => prefix + rightText(s),
  ),
  signedText('signed-base-path', 'the base and no query', (s) => prefix + pathOf(s), customDomain),
  signedText('signed-whole-url', 'the whole URL', (s) => host + rightText(s)),
  signedText(
    'signed-whole-url',
    'the whole URL of a custom domain',
    (s) => customDomain + rightText(s),
    customDomain,
  ),
  signedText('signed-whole-url', 'the whole URL without the query', (s) => host + pathOf(s)),
  signedText('signed-whole-url', 'host and path without a scheme', (s) => `imagedelivery.net${rightText(s)}`),
  signedText('signed-without-query', 'the path alone', pathOf),
  signedText('signed-without-query', 'the path and a question mark', (s) => `${pathOf(s)}?`),
  signedText(
    'signed-other-separator',
    'path and expiry without a question mark',
    (s) => pathOf(s) + s.expiry,
  ),
  signedText(
    'signed-other-separator',
    'path and exp= without a question mark',
    (s) => `${pathOf(s)}exp=${s.expiry}`,
  ),
  signedText('signed-other-separator', 'path and expiry with a colon', (s) => `${pathOf(s)}:${s.expiry}`),
  signedText('signed-other-separator', 'the expiry before the path', (s) => s.expiry + pathOf(s)),
  joined('', 'id', 'variant', 'expiry'),
  joined(':', 'id', 'variant', 'expiry'),
  joined('/', 'id', 'variant', 'expiry'),
  joined('|', 'account', 'id', 'variant', 'expiry'),
  joined('', 'account', 'id', 'variant', 'expiry'),
  joined('', 'expiry', 'id', 'variant'),
  joined('.', 'id', 'expiry'),
  signedText(
    'signed-without-account',
    'the path without the account hash',
    (s) => `/${s.id}/${s.variant}?exp=${s.expiry}`,
  ),
  signedText('signed-without-leading-slash', 'the path without its first slash', (s) =>
    rightText(s).slice(1),
  ),
  signedText(
    'signed-old-signature',
    'a URL that has been signed',
    (s) => `${rightText(s)}&sig=${hex(rightText(s), s.key)}`,
  ),
  signedText('expiry-in-milliseconds', 'milliseconds, and sends seconds', (s) => `${rightText(s)}000`),
  signedText('variant-changed', 'another variant', (s) => rightText({ ...s, variant: s.otherVariant })),
];

const computations: readonly Mistake[] = [
  signature('plain-hash', 'hashes the text without a key', (text) => sha256(text)),
  signature('plain-hash', 'hashes key and text', (text, key) => sha256(key + text)),
  signature('plain-hash', 'hashes text and key', (text, key) => sha256(text + key)),
  signature('other-digest', 'uses SHA-1', (text, key) => hmac(text, key, 'sha1').toString('hex')),
  signature('other-digest', 'uses SHA-512', (text, key) => hmac(text, key, 'sha512').toString('hex')),
  signature('key-hex-decoded', 'decodes the key as hex', (text, key) => hex(text, Buffer.from(key, 'hex'))),
  signature('key-base64-decoded', 'decodes the key as base64', (text, key) =>
    hex(text, Buffer.from(key, 'base64')),
  ),
  signature('key-with-white-space', 'leaves a line feed at the end of the key', (text, key) =>
    hex(text, `${key}\n`),
  ),
  signature('key-with-white-space', 'leaves a line end of Windows at the end of the key', (text, key) =>
    hex(text, `${key}\r\n`),
  ),
  signature('key-with-white-space', 'leaves a space before the key', (text, key) => hex(text, ` ${key}`)),
  signature('key-with-white-space', 'leaves a space after the key', (text, key) => hex(text, `${key} `)),
  signature('key-in-quotes', 'leaves double quotes around the key', (text, key) => hex(text, `"${key}"`)),
  signature('key-in-quotes', 'leaves single quotes around the key', (text, key) => hex(text, `'${key}'`)),
  signature('local-simulator', "uses the key of wrangler's simulator", (text) =>
    hex(text, 'miniflare-local-dev-images-signing-key'),
  ),
];

const forms: readonly Mistake[] = [
  signature('uppercase-signature', 'writes hex in upper case', (text, key) => hex(text, key).toUpperCase()),
  signature('base64-signature', 'writes base64', (text, key) => hmac(text, key).toString('base64')),
  signature('base64-signature', 'writes base64 and percent-encodes it', (text, key) =>
    encodeURIComponent(hmac(text, key).toString('base64')),
  ),
  signature('base64-signature', 'writes base64url', (text, key) => hmac(text, key).toString('base64url')),
  signature(['base64-signature', 'other-digest'], 'writes SHA-1 in base64', (text, key) =>
    hmac(text, key, 'sha1').toString('base64'),
  ),
  signature('truncated-signature', 'loses the last digit', (text, key) => hex(text, key).slice(0, -1)),
  signature('truncated-signature', 'keeps half of the digits', (text, key) => hex(text, key).slice(0, 32)),
  signature('truncated-signature', 'keeps as many digits as SHA-1 has', (text, key) =>
    hex(text, key).slice(0, 40),
  ),
  signature('encoded-token', 'percent-encodes hex', (text, key) =>
    hex(text, key).replace(/./, (digit) => `%${digit.charCodeAt(0).toString(16)}`),
  ),
  signature('malformed-signature', 'writes a JSON Web Token', () => 'eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.c2ln'),
  signature(
    'malformed-signature',
    "writes the timed token of Cloudflare's WAF",
    () => '1790000000-c2lnbmF0dXJl',
  ),
  signature('malformed-signature', 'writes nothing', () => ''),
  signature('malformed-signature', 'writes hex of another length', (text, key) => `${hex(text, key)}00`),
  signature('unknown-signature', 'uses another key', (text) => hex(text, 'the key of another site')),
  {
    title: 'signs another image',
    codes: ['unknown-signature'],
    url: (s) => withSignature(s, hex(rightText({ ...s, id: `${s.id}0` }), s.key)),
  },
  {
    title: 'signs with an older key',
    codes: ['older-key'],
    url: (s) => withSignature(s, hex(rightText(s), s.olderKey)),
  },
];

/** A query that was changed after the signature was made over `signed`. */
function query(
  codes: FindingCode | readonly FindingCode[],
  title: string,
  signed: (s: Sample) => string,
  sent: (s: Sample, sig: string) => string,
): Mistake {
  return {
    title,
    codes: [codes].flat(),
    url: (s) => `${host}${pathOf(s)}?${sent(s, hex(`${pathOf(s)}?${signed(s)}`, s.key))}`,
  };
}

const queries: readonly Mistake[] = [
  query(
    'signature-not-last',
    'puts exp after sig',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `sig=${sig}&exp=${s.expiry}`,
  ),
  query(
    'parameter-added',
    'a newsletter adds a parameter at the end',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `exp=${s.expiry}&sig=${sig}&utm_source=mail`,
  ),
  query(
    'parameter-added',
    'a social network adds a parameter among others',
    (s) => [...s.parameters, `exp=${s.expiry}`].join('&'),
    (s, sig) => [...s.parameters, `exp=${s.expiry}`, `sig=${sig}`, 'fbclid=abc'].join('&'),
  ),
  query(
    'parameter-added',
    'a cache buster is put in front',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `v=7&exp=${s.expiry}&sig=${sig}`,
  ),
  query(
    'parameter-added',
    'two parameters are added in two places',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `v=7&exp=${s.expiry}&sig=${sig}&ref=x`,
  ),
  query(
    'parameter-added',
    'a newsletter adds many parameters',
    (s) => `a=1&exp=${s.expiry}`,
    (s, sig) =>
      `a=1&exp=${s.expiry}&sig=${sig}&${['source', 'medium', 'campaign', 'term', 'content', 'id'].map((name) => `utm_${name}=x`).join('&')}`,
  ),
  query(
    'parameters-reordered',
    'sorts the parameters after signing',
    (s) => `w=1&q=2&exp=${s.expiry}`,
    (s, sig) => `exp=${s.expiry}&q=2&w=1&sig=${sig}`,
  ),
  query(
    'parameters-reencoded',
    'sends %20 where + was signed',
    (s) => `t=a+b&exp=${s.expiry}`,
    (s, sig) => `t=a%20b&exp=${s.expiry}&sig=${sig}`,
  ),
  query(
    'parameters-reencoded',
    'sends + where %20 was signed',
    (s) => `t=a%20b&exp=${s.expiry}`,
    (s, sig) => `t=a+b&exp=${s.expiry}&sig=${sig}`,
  ),
  query(
    'parameters-reencoded',
    'encodes commas after signing',
    (s) => `t=a,b&exp=${s.expiry}`,
    (s, sig) => `t=a%2Cb&exp=${s.expiry}&sig=${sig}`,
  ),
  query(
    'duplicate-expiry',
    'signs two expiries',
    (s) => `exp=1780000000&exp=${s.expiry}`,
    (s, sig) => `exp=1780000000&exp=${s.expiry}&sig=${sig}`,
  ),
  query(
    'duplicate-expiry',
    'leaves an old expiry',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `exp=${s.expiry}&exp=1780000000&sig=${sig}`,
  ),
  query(
    'duplicate-signature',
    'leaves an old signature',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `exp=${s.expiry}&sig=${'0'.repeat(64)}&sig=${sig}`,
  ),
  query(
    'signed-old-signature',
    'signs an old signature along',
    (s) => `exp=${s.expiry}&sig=${'0'.repeat(64)}`,
    (s, sig) => `exp=${s.expiry}&sig=${'0'.repeat(64)}&sig=${sig}`,
  ),
  query(
    'encoded-token',
    'encodes the name of exp',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `%65xp=${s.expiry}&sig=${sig}`,
  ),
  query(
    'expiry-in-milliseconds',
    'sends and signs milliseconds',
    (s) => `exp=${s.expiry}000`,
    (s, sig) => `exp=${s.expiry}000&sig=${sig}`,
  ),
  query(
    'expiry-in-milliseconds',
    'sends milliseconds',
    (s) => `exp=${s.expiry}`,
    (s, sig) => `exp=${s.expiry}000&sig=${sig}`,
  ),
  query(
    'expiry-is-duration',
    'takes a duration for the expiry',
    () => 'exp=3600',
    (_s, sig) => `exp=3600&sig=${sig}`,
  ),
  query(
    'malformed-expiry',
    'writes a date',
    () => 'exp=2035-01-01',
    (_s, sig) => `exp=2035-01-01&sig=${sig}`,
  ),
  query(
    'malformed-expiry',
    'writes a fraction',
    (s) => `exp=${s.expiry}.5`,
    (s, sig) => `exp=${s.expiry}.5&sig=${sig}`,
  ),
  query(
    'expired',
    'expired before',
    () => 'exp=1780000000',
    (_s, sig) => `exp=1780000000&sig=${sig}`,
  ),
  query(
    'expired',
    'expired years ago',
    () => 'exp=1600000000',
    (_s, sig) => `exp=1600000000&sig=${sig}`,
  ),
  { title: 'has no token', codes: ['missing-signature'], url: (s) => host + pathOf(s) },
  { title: 'has an expiry alone', codes: ['missing-signature'], url: (s) => host + rightText(s) },
  {
    title: 'has a signature of the path and no expiry',
    codes: ['missing-expiry'],
    url: (s) => `${host}${pathOf(s)}?sig=${hex(pathOf(s), s.key)}`,
  },
];

/** The right token for other images than the sample's. */
function image(
  codes: FindingCode | readonly FindingCode[],
  title: string,
  change: (sample: Sample) => Partial<Sample>,
): Mistake {
  return { title, codes: [codes].flat(), url: (s) => rightUrl({ ...s, ...change(s) }) };
}

const images: readonly Mistake[] = [
  image('account-not-allowed', 'is of another account', () => ({ account: 'ZWd9g1K7eljCn_KDTu_MWA' })),
  image('account-not-allowed', "has the API's account id in the place of the hash", () => ({
    account: '0123456789abcdef0123456789abcdef',
  })),
  image('variant-not-allowed', 'has a variant that is not on the list', () => ({ variant: 'original' })),
  image('variant-not-allowed', 'has a variant of the prototype', () => ({ variant: 'constructor' })),
  image('flexible-variant', 'has a flexible variant', () => ({ variant: 'w=400,h=300' })),
  image('custom-id', 'has an id of its own', () => ({ id: 'photos/holiday.jpg' })),
  {
    title: 'is of an always public variant, with a token',
    codes: ['token-on-public-variant'],
    url: (s) => rightUrl({ ...s, variant: 'preview' }),
  },
];

const spellings: readonly Mistake[] = [
  spelled('html-escaped', 'is copied out of HTML', (url) => url.replace('&', '&amp;')),
  spelled('html-escaped', 'is escaped twice for HTML', (url) => url.replace('&', '&amp;amp;')),
  spelled('html-escaped', 'is escaped by number', (url) => url.replace('&', '&#38;')),
  ...[')', '.', ',', '&gt;', ').', '">', '\n', ' ', '\u2026'].map((stray) =>
    spelled('stray-characters', `ends with ${JSON.stringify(stray)}`, (url) => url + stray),
  ),
  ...['"', '<', ' ', '('].map((stray) =>
    spelled('stray-characters', `begins with ${JSON.stringify(stray)}`, (url) => stray + url),
  ),
  spelled('double-encoded', 'is percent-encoded as a whole', (url) => encodeURIComponent(url)),
  spelled('double-encoded', 'has a percent-encoded query', (url) =>
    url.replace(/\?.*/, (found) => encodeURIComponent(found)),
  ),
  spelled('double-encoded', 'has a query that is percent-encoded after the ?', (url) =>
    url.replace(/(?<=\?).*/, (found) => encodeURIComponent(found)),
  ),
  spelled('second-question-mark', 'has a second question mark', (url, s) => {
    const text = `${pathOf(s)}?v=1&exp=${s.expiry}`;
    return `${url.slice(0, url.indexOf('?'))}?v=1?exp=${s.expiry}&sig=${hex(text, s.key)}`;
  }),
  spelled('not-under-delivery', 'is on a host that delivery lacks', (url) =>
    url.replace(host, `https://img.example${prefix}`),
  ),
  spelled('not-under-delivery', 'is on a mistyped host', (url) =>
    url.replace('imagedelivery.net', 'imagesdelivery.net'),
  ),
  spelled('not-under-delivery', 'has a port', (url) =>
    url.replace('imagedelivery.net', 'imagedelivery.net:8443'),
  ),
  spelled('not-under-delivery', 'is relative to the root', (url) => url.replace(host, prefix)),
  spelled('other-scheme', 'has no scheme', (url) => url.replace('https://', '')),
  spelled('other-scheme', 'has another scheme', (url) => url.replace('https', 'ftp')),
  spelled('other-scheme', 'has one slash after the scheme', (url) => url.replace('https://', 'https:/')),
  spelled('trailing-slash', 'has a slash after the variant', (url) => url.replace('?', '/?')),
  spelled('variant-missing', 'has no variant', (url, s) => url.replace(`/${s.variant}`, '')),
  spelled('variant-missing', 'has an account hash alone', (url, s) =>
    url.replace(`/${s.id}/${s.variant}`, '/'),
  ),
  spelled('not-canonical', 'has an empty segment', (url, s) => url.replace(`/${s.id}`, `//${s.id}`)),
  spelled('not-canonical', 'has a dot segment', (url, s) => url.replace(`/${s.id}`, `/x/../${s.id}`)),
  spelled('not-canonical', 'has a backslash', (url, s) => url.replace(`/${s.id}`, `\\${s.id}`)),
  spelled('not-canonical', 'has a line feed in its middle', (url) => url.replace('?', '\n?')),
  spelled('too-many-parameters', 'has 70 parameters', (url) => url.replace('?', `?${'a=1&'.repeat(70)}`)),
  spelled('not-a-delivery-url', 'is an image of another site', () => 'https://example.com/photo.jpg'),
  spelled('not-a-delivery-url', 'is no URL', () => 'photo-1'),
  spelled('not-a-delivery-url', 'has credentials', (url) => url.replace('https://', 'https://me@')),
  spelled('url-too-long', 'is longer than servers take', (url) => url + 'a'.repeat(16_384)),
  spelled('key-in-url', 'has the key in its query', (url, s) => `${url}&key=${encodeURIComponent(s.key)}`),
  spelled('local-simulator', "is of wrangler's simulator", (_url, s) => {
    const text = `/__cf_local/imagedelivery/${s.id}/${s.variant}?exp=${s.expiry}`;
    return `http://localhost:8787${text}&sig=${hex(text, 'miniflare-local-dev-images-signing-key')}`;
  }),
];

const encodedIds: readonly Mistake[] = [
  {
    title: 'encodes a comma in the id',
    codes: ['encoded-path', 'custom-id'],
    url: (s) => rightUrl({ ...s, id: 'a,b' }).replace('a,b', 'a%2Cb'),
  },
  {
    title: 'encodes a slash in the id',
    codes: ['encoded-path', 'custom-id'],
    url: (s) => rightUrl({ ...s, id: 'a/b' }).replace('a/b', 'a%2Fb'),
  },
  {
    title: 'encodes a space twice',
    codes: ['double-encoded', 'custom-id'],
    url: (s) => rightUrl({ ...s, id: 'a%20b' }).replace('%20', '%2520'),
  },
  {
    title: 'does not encode an é',
    codes: ['unencoded-path', 'custom-id'],
    url: (s) => rightUrl({ ...s, id: 'caf%C3%A9' }).replace('%C3%A9', 'é'),
  },
  {
    title: 'signs an é before it is encoded',
    codes: ['signed-decoded-path', 'custom-id'],
    url: (s) => {
      const sent = { ...s, id: 'caf%C3%A9' };
      return withSignature(sent, hex(rightText({ ...s, id: 'café' }), s.key));
    },
  },
];

export const mistakes: readonly Mistake[] = [
  ...texts,
  ...computations,
  ...forms,
  ...queries,
  ...images,
  ...spellings,
  ...encodedIds,
];
