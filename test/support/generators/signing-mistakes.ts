/**
 * URLs as programs with a mistake sign them, each written here with `node:crypto` alone. The codes are those that
 * `explainUrl` has to find, in any order; hints about the image id are left out.
 * Longer than most files: each mistake is a row.
 */
import { createHash, createHmac } from 'node:crypto';
import type { FindingCode } from '../../../src/diagnosis.ts';

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

type Codes = FindingCode | readonly FindingCode[];

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

function mistake(codes: Codes, title: string, url: Mistake['url']): Mistake {
  return { title, codes: [codes].flat(), url };
}

/** `{path}`, `{exp}`, which is `exp=<expiry>`, and whatever a sample has. */
function fill(template: string, sample: Sample): string {
  const values = { ...sample, path: pathOf(sample), exp: `exp=${sample.expiry}`, zeros: '0'.repeat(64) };
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name as keyof typeof values]));
}

/** A URL whose signature is over another text. */
const signedText = (code: FindingCode, what: string, text: string, base = host): Mistake =>
  mistake(code, `signs ${what}`, (sample) =>
    withSignature(sample, hex(fill(text, sample), sample.key), base),
  );

/** A URL whose signature over the right text is computed or written in another way. */
const signature = (codes: Codes, title: string, make: (text: string, key: string) => string): Mistake =>
  mistake(codes, title, (sample) => withSignature(sample, make(rightText(sample), sample.key)));

/** The right URL, spelled in another way. */
const spelled = (codes: Codes, title: string, spell: (url: string, sample: Sample) => string): Mistake =>
  mistake(codes, title, (sample) => spell(rightUrl(sample), sample));

const joined = (separator: string, ...order: (keyof Sample)[]): Mistake =>
  signedText(
    'signed-joined-parts',
    `${order.join(', ')} joined by ${JSON.stringify(separator)}`,
    order.map((name) => `{${name}}`).join(separator),
  );

const texts: readonly Mistake[] = [
  signedText('signed-base-path', 'the base of a custom domain too', `${prefix}{path}?{exp}`, customDomain),
  signedText('signed-base-path', 'the base of a custom domain, for the own one', `${prefix}{path}?{exp}`),
  signedText('signed-base-path', 'the base and no query', `${prefix}{path}`, customDomain),
  signedText('signed-whole-url', 'the whole URL', `${host}{path}?{exp}`),
  signedText(
    'signed-whole-url',
    'the whole URL of a custom domain',
    `${customDomain}{path}?{exp}`,
    customDomain,
  ),
  signedText('signed-whole-url', 'the whole URL without the query', `${host}{path}`),
  signedText('signed-whole-url', 'host and path without a scheme', 'imagedelivery.net{path}?{exp}'),
  signedText('signed-without-query', 'the path alone', '{path}'),
  signedText('signed-without-query', 'the path and a question mark', '{path}?'),
  signedText('signed-other-separator', 'path and expiry without a question mark', '{path}{expiry}'),
  signedText('signed-other-separator', 'path and exp= without a question mark', '{path}{exp}'),
  signedText('signed-other-separator', 'path and expiry with a colon', '{path}:{expiry}'),
  signedText('signed-other-separator', 'the expiry before the path', '{expiry}{path}'),
  joined('', 'id', 'variant', 'expiry'),
  joined(':', 'id', 'variant', 'expiry'),
  joined('/', 'id', 'variant', 'expiry'),
  joined('|', 'account', 'id', 'variant', 'expiry'),
  joined('', 'account', 'id', 'variant', 'expiry'),
  joined('', 'expiry', 'id', 'variant'),
  joined('.', 'id', 'expiry'),
  signedText('signed-without-account', 'the path without the account hash', '/{id}/{variant}?{exp}'),
  signedText(
    'signed-without-leading-slash',
    'the path without its first slash',
    '{account}/{id}/{variant}?{exp}',
  ),
  mistake('signed-old-signature', 'signs a URL that has been signed', (s) =>
    withSignature(s, hex(`${rightText(s)}&sig=${hex(rightText(s), s.key)}`, s.key)),
  ),
  signedText('expiry-in-milliseconds', 'milliseconds, and sends seconds', '{path}?{exp}000'),
  signedText('variant-changed', 'another variant', '/{account}/{id}/{otherVariant}?{exp}'),
];

/** How programs hold the key, and what they leave around it. */
const heldKeys: readonly Mistake[] = (
  [
    ['key-hex-decoded', 'decodes the key as hex', (key) => Buffer.from(key, 'hex')],
    ['key-base64-decoded', 'decodes the key as base64', (key) => Buffer.from(key, 'base64')],
    ['key-with-white-space', 'leaves a line feed at the end of the key', (key) => `${key}\n`],
    ['key-with-white-space', 'leaves a line end of Windows at the end of the key', (key) => `${key}\r\n`],
    ['key-with-white-space', 'leaves a space before the key', (key) => ` ${key}`],
    ['key-with-white-space', 'leaves a space after the key', (key) => `${key} `],
    ['key-in-quotes', 'leaves double quotes around the key', (key) => `"${key}"`],
    ['key-in-quotes', 'leaves single quotes around the key', (key) => `'${key}'`],
    [
      'local-simulator',
      "uses the key of wrangler's simulator",
      () => 'miniflare-local-dev-images-signing-key',
    ],
    ['unknown-signature', 'uses another key', () => 'the key of another site'],
  ] as readonly (readonly [FindingCode, string, (key: string) => string | Buffer])[]
).map(([code, title, held]) => signature(code, title, (text, key) => hex(text, held(key))));

const forms: readonly Mistake[] = [
  signature('plain-hash', 'hashes the text without a key', (text) => sha256(text)),
  signature('plain-hash', 'hashes key and text', (text, key) => sha256(key + text)),
  signature('plain-hash', 'hashes text and key', (text, key) => sha256(text + key)),
  signature('other-digest', 'uses SHA-1', (text, key) => hmac(text, key, 'sha1').toString('hex')),
  signature('other-digest', 'uses SHA-512', (text, key) => hmac(text, key, 'sha512').toString('hex')),
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
  signature('malformed-signature', "writes a token of Cloudflare's WAF", () => '1790000000-c2lnbmF0dXJl'),
  signature('malformed-signature', 'writes nothing', () => ''),
  signature('malformed-signature', 'writes hex of another length', (text, key) => `${hex(text, key)}00`),
  signedText('unknown-signature', 'another image', '/{account}/{id}0/{variant}?{exp}'),
  mistake('older-key', 'signs with an older key', (s) => withSignature(s, hex(rightText(s), s.olderKey))),
];

/** A query `sent` that was changed after the signature, which is `{sig}` in it, was made over `signed`. */
function query(codes: Codes, title: string, signed: string, sent: string): Mistake {
  return mistake(codes, title, (s) => {
    const sig = hex(fill(`{path}?${signed}`, s), s.key);
    return host + fill(`{path}?${sent.replace('{sig}', `sig=${sig}`)}`, s);
  });
}

const newsletter = 'source medium campaign term content id'.replaceAll(/(\w+) ?/g, '&utm_$1=x');

const queries: readonly Mistake[] = [
  query('signature-not-last', 'puts exp after sig', '{exp}', '{sig}&{exp}'),
  query('parameter-added', 'a newsletter adds a parameter', '{exp}', '{exp}&{sig}&utm_source=mail'),
  mistake('parameter-added', 'a social network adds a parameter among others', (s) => {
    const signed = `${pathOf(s)}?${[...s.parameters, `exp=${s.expiry}`].join('&')}`;
    return `${host}${signed}&sig=${hex(signed, s.key)}&fbclid=abc`;
  }),
  query('parameter-added', 'a cache buster is put in front', '{exp}', 'v=7&{exp}&{sig}'),
  query('parameter-added', 'two parameters are added in two places', '{exp}', 'v=7&{exp}&{sig}&ref=x'),
  query('parameter-added', 'a newsletter adds many', 'a=1&{exp}', `a=1&{exp}&{sig}${newsletter}`),
  query('parameters-reordered', 'sorts the parameters', 'w=1&q=2&{exp}', '{exp}&q=2&w=1&{sig}'),
  query('parameters-reencoded', 'sends %20 where + was signed', 't=a+b&{exp}', 't=a%20b&{exp}&{sig}'),
  query('parameters-reencoded', 'sends + where %20 was signed', 't=a%20b&{exp}', 't=a+b&{exp}&{sig}'),
  query('parameters-reencoded', 'encodes commas after signing', 't=a,b&{exp}', 't=a%2Cb&{exp}&{sig}'),
  query('duplicate-expiry', 'signs two', 'exp=1780000000&{exp}', 'exp=1780000000&{exp}&{sig}'),
  query('duplicate-expiry', 'leaves an old expiry', '{exp}', '{exp}&exp=1780000000&{sig}'),
  query('duplicate-signature', 'leaves an old signature', '{exp}', '{exp}&sig={zeros}&{sig}'),
  query('signed-old-signature', 'signs one along', '{exp}&sig={zeros}', '{exp}&sig={zeros}&{sig}'),
  query('encoded-token', 'encodes the name of exp', '{exp}', '%65xp={expiry}&{sig}'),
  query('expiry-in-milliseconds', 'sends and signs milliseconds', '{exp}000', '{exp}000&{sig}'),
  query('expiry-in-milliseconds', 'sends milliseconds', '{exp}', '{exp}000&{sig}'),
  query('expiry-is-duration', 'takes a duration for the expiry', 'exp=3600', 'exp=3600&{sig}'),
  query('malformed-expiry', 'writes a date', 'exp=2035-01-01', 'exp=2035-01-01&{sig}'),
  query('malformed-expiry', 'writes a fraction', '{exp}.5', '{exp}.5&{sig}'),
  query('expired', 'expired before', 'exp=1780000000', 'exp=1780000000&{sig}'),
  query('expired', 'expired years ago', 'exp=1600000000', 'exp=1600000000&{sig}'),
  mistake('missing-signature', 'has no token', (s) => host + pathOf(s)),
  mistake('missing-signature', 'has an expiry alone', (s) => host + rightText(s)),
  mistake(
    'missing-expiry',
    'has a signature of the path and no expiry',
    (s) => `${host}${pathOf(s)}?sig=${hex(pathOf(s), s.key)}`,
  ),
];

/** The right token for other images than the sample's. */
const image = (codes: Codes, title: string, change: Partial<Sample>): Mistake =>
  mistake(codes, title, (s) => rightUrl({ ...s, ...change }));

const images: readonly Mistake[] = [
  image('account-not-allowed', 'is of another account', { account: 'ZWd9g1K7eljCn_KDTu_MWA' }),
  image('account-not-allowed', "has the API's account id in the place of the hash", {
    account: '0123456789abcdef0123456789abcdef',
  }),
  image('variant-not-allowed', 'has a variant that is not on the list', { variant: 'original' }),
  image('variant-not-allowed', 'has a variant of the prototype', { variant: 'constructor' }),
  image('flexible-variant', 'has a flexible variant', { variant: 'w=400,h=300' }),
  image('custom-id', 'has an id of its own', { id: 'photos/holiday.jpg' }),
  image('token-on-public-variant', 'is of an always public variant, with a token', { variant: 'preview' }),
];

/** By the text that is looked for in the right URL, and what is put in its place. */
const replaced: readonly Mistake[] = (
  [
    ['html-escaped', 'is copied out of HTML', '&', '&amp;'],
    ['html-escaped', 'is escaped twice for HTML', '&', '&amp;amp;'],
    ['html-escaped', 'is escaped by number', '&', '&#38;'],
    ['not-under-delivery', 'is on a host that delivery lacks', host, `https://img.example${prefix}`],
    ['not-under-delivery', 'is on a mistyped host', 'imagedelivery.net', 'imagesdelivery.net'],
    ['not-under-delivery', 'has a port', 'imagedelivery.net', 'imagedelivery.net:8443'],
    ['not-under-delivery', 'is relative to the root', host, prefix],
    ['other-scheme', 'has no scheme', 'https://', ''],
    ['other-scheme', 'has another scheme', 'https', 'ftp'],
    ['other-scheme', 'has one slash after the scheme', 'https://', 'https:/'],
    ['trailing-slash', 'has a slash after the variant', '?', '/?'],
    ['variant-missing', 'has no variant', '/{variant}', ''],
    ['variant-missing', 'has an account hash alone', '/{id}/{variant}', '/'],
    ['not-canonical', 'has an empty segment', '/{id}', '//{id}'],
    ['not-canonical', 'has a dot segment', '/{id}', '/x/../{id}'],
    ['not-canonical', 'has a backslash', '/{id}', '\\{id}'],
    ['not-canonical', 'has a line feed in its middle', '?', '\n?'],
    ['too-many-parameters', 'has 70 parameters', '?', `?${'a=1&'.repeat(70)}`],
    ['not-a-delivery-url', 'has credentials', 'https://', 'https://me@'],
  ] as readonly (readonly [FindingCode, string, string, string])[]
).map(([code, title, from, to]) => spelled(code, title, (url, s) => url.replace(fill(from, s), fill(to, s))));

const spellings: readonly Mistake[] = [
  ...replaced,
  ...[')', '.', ',', '&gt;', ').', '">', '\n', ' ', '\u2026'].map((stray) =>
    spelled('stray-characters', `ends with ${JSON.stringify(stray)}`, (url) => url + stray),
  ),
  ...['"', '<', ' ', '('].map((stray) =>
    spelled('stray-characters', `begins with ${JSON.stringify(stray)}`, (url) => stray + url),
  ),
  spelled('double-encoded', 'is percent-encoded as a whole', (url) => encodeURIComponent(url)),
  spelled('double-encoded', 'has a percent-encoded query', (url) => url.replace(/\?.*/, encodeURIComponent)),
  spelled('double-encoded', 'has a query that is percent-encoded after the ?', (url) =>
    url.replace(/(?<=\?).*/, encodeURIComponent),
  ),
  spelled('second-question-mark', 'has a second question mark', (_url, s) => {
    const sig = hex(`${pathOf(s)}?v=1&exp=${s.expiry}`, s.key);
    return `${host}${pathOf(s)}?v=1?exp=${s.expiry}&sig=${sig}`;
  }),
  spelled('not-a-delivery-url', 'is an image of another site', () => 'https://example.com/photo.jpg'),
  spelled('not-a-delivery-url', 'is no URL', () => 'photo-1'),
  spelled('url-too-long', 'is longer than servers take', (url) => url + 'a'.repeat(16_384)),
  spelled('key-in-url', 'has the key in its query', (url, s) => `${url}&key=${encodeURIComponent(s.key)}`),
  spelled('local-simulator', "is of wrangler's simulator", (_url, s) => {
    const text = `/__cf_local/imagedelivery/${s.id}/${s.variant}?exp=${s.expiry}`;
    return `http://localhost:8787${text}&sig=${hex(text, 'miniflare-local-dev-images-signing-key')}`;
  }),
];

/** An id that is signed as the first, and sent as the second. */
const encodedId = (code: FindingCode, title: string, id: string, sent: string, signed = id): Mistake =>
  mistake([code, 'custom-id'], title, (s) => {
    const text = fill(`{exp}&sig=${hex(rightText({ ...s, id: signed }), s.key)}`, s);
    return `${host}${pathOf({ ...s, id })}?${text}`.replace(id, sent);
  });

const encodedIds: readonly Mistake[] = [
  encodedId('encoded-path', 'encodes a comma in the id', 'a,b', 'a%2Cb'),
  encodedId('encoded-path', 'encodes a slash in the id', 'a/b', 'a%2Fb'),
  encodedId('double-encoded', 'encodes a space twice', 'a%20b', 'a%2520b'),
  encodedId('unencoded-path', 'does not encode an é', 'caf%C3%A9', 'café'),
  encodedId('signed-decoded-path', 'signs an é before it is encoded', 'caf%C3%A9', 'caf%C3%A9', 'café'),
];

export const mistakes: readonly Mistake[] = [
  ...texts,
  ...heldKeys,
  ...forms,
  ...queries,
  ...images,
  ...spellings,
  ...encodedIds,
];
