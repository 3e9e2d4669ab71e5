/**
 * Texts and keys that programs have been seen to use by mistake: one row each, most of them from public issues and samples.
 * Every text costs a MAC with every key of the site.
 */
import type { OtherMac } from '../../signing/other-macs.ts';
import { encodeSegment } from '../../url/canonical.ts';
import { formDecode, percentDecode } from '../../url/percent-encoding.ts';
import type { FailureCode } from './explanation.ts';
import { cloudflarePath, simulatorPath } from './locate.ts';
import { type Parameter, queryWith, type SignedParts, toParameter } from './token-parts.ts';

type Query = readonly Parameter[];

type TextRow = readonly [
  code: FailureCode,
  /** A pattern of the parts that `valuesOf` names, or the queries after the right path. */
  signed: string | ((parts: SignedParts) => Query[]),
  /** Follows "The signature was computed over", instead of the pattern. */
  says?: string,
];

/** Also tried with the other keys. */
const usualTexts: readonly TextRow[] = [
  ['signed-without-account', '/<id and variant><query>', 'image id and variant, without the account hash'],
  ['signed-base-path', '<path in the URL><query>', 'the path with its base before it'],
  ['signed-whole-url', 'https://<host><path in the URL><query>', 'the whole URL, with its host'],
  ['signed-without-query', '<path>', 'only the path, `/<account hash>/<image id>/<variant>`'],
];

const otherTexts: readonly TextRow[] = [
  ['signed-without-account', '<id and variant><query>'],
  ['signed-base-path', '<path in the URL>'],
  ['signed-base-path', `${cloudflarePath}<path><query>`],
  ['signed-base-path', `${cloudflarePath}<path>`],
  ['signed-whole-url', 'https://<host><path in the URL>'],
  ['signed-whole-url', 'http://<host><path in the URL><query>'],
  ['signed-whole-url', '<host><path in the URL><query>'],
  ['signed-whole-url', '<host><path in the URL>'],
  ['signed-whole-url', 'https://imagedelivery.net<path><query>'],
  ['signed-whole-url', 'https://imagedelivery.net<path>'],
  ['signed-without-query', '<path>?'],
  ['signed-without-leading-slash', '<path without its first slash><query>'],
  ['signed-decoded-path', '<decoded path><query>'],
  ['expiry-in-milliseconds', '<path><query with three more digits>'],
  ['expiry-in-milliseconds', '<path><query with three digits less>'],
  ['signed-old-signature', withSignature, 'a query with an older `sig` in it'],
  ...['', 'exp=', '&exp=', '/', ':', '?', '-', '|', '\n', '?expires=', '?expiry=']
    .map((separator) => `<path>${separator}<expiry>`)
    .concat('<expiry><path>', '<expiry>:<path>')
    .map((text): TextRow => ['signed-other-separator', text]),
  ['parameters-reordered', inOtherOrders, 'the same parameters in another order'],
  ['parameters-reencoded', inOtherEncodings, 'the same parameters in another encoding'],
  ['parameter-added', withFewerParameters, 'the query before parameters were added'],
  ...[
    ['<image id>', '<variant>', '<expiry>'],
    ['<account hash>', '<image id>', '<variant>', '<expiry>'],
    ['<expiry>', '<image id>', '<variant>'],
    ['<image id>', '<expiry>', '<variant>'],
    ['<variant>', '<image id>', '<expiry>'],
    ['<image id>', '<expiry>'],
  ]
    .flatMap((names) => [...':/|-.,_\n', ''].map((separator) => names.join(separator)))
    .map((text): TextRow => ['signed-joined-parts', text]),
];

function valuesOf({ path, query, match, expiries }: SignedParts): Readonly<Record<string, string>> {
  const { text, reference, base } = match;
  return {
    path,
    query,
    host: base.authority ?? 'imagedelivery.net',
    variant: match.variant,
    expiry: expiries[0]?.value ?? '',
    'account hash': match.accountHash,
    'image id': match.id,
    'id and variant': match.signedPath.slice(match.signedPath.indexOf('/', 1) + 1),
    'path in the URL': text.slice(reference.path, reference.path + base.path.length) + match.path,
    'path without its first slash': path.slice(1),
    'decoded path': percentDecode(path),
    // Only if the expiry is the last parameter.
    'query with three more digits': query.replace(/exp=\d+$/, '$&000'),
    'query with three digits less': query.replace(/(exp=\d+)\d{3}$/, '$1'),
  };
}

/** A wrong key, or a wrong computation. */
type KeyRow = readonly [mac: OtherMac, code: FailureCode, message: string];

const simulatorKey: KeyRow = [
  'key-of-simulator',
  'local-simulator',
  "The key is that of wrangler's simulator.",
];

const otherKeys: readonly KeyRow[] = [
  ['hash-text', 'plain-hash', 'The signature is a plain SHA-256 of the text, without a key.'],
  ['hash-key-text', 'plain-hash', 'The signature is a plain SHA-256 of key and text.'],
  ['hash-text-key', 'plain-hash', 'The signature is a plain SHA-256 of text and key.'],
  ['key-hex', 'key-hex-decoded', 'The key was decoded as hexadecimal digits.'],
  ['key-base64', 'key-base64-decoded', 'The key was decoded as base64.'],
  ['key-line-feed', 'key-with-white-space', 'The key was used with a line feed at its end.'],
  ['key-line-end', 'key-with-white-space', 'The key was used with a Windows line end.'],
  ['key-space-before', 'key-with-white-space', 'The key was used with a space before it.'],
  ['key-space-after', 'key-with-white-space', 'The key was used with a space after it.'],
  ['key-double-quotes', 'key-in-quotes', 'The key was used with double quotes around it.'],
  ['key-single-quotes', 'key-in-quotes', 'The key was used with single quotes around it.'],
  simulatorKey,
];

/** By the number of hexadecimal digits: only this computation gives a MAC of this length. */
export const otherDigests: ReadonlyMap<number, KeyRow> = new Map([
  [40, ['hmac-sha1', 'other-digest', 'The signature is an HMAC with SHA-1.']],
  [128, ['hmac-sha512', 'other-digest', 'The signature is an HMAC with SHA-512.']],
]);

/** A text that may have been signed, and the key unless it is one of the site's. */
export interface Candidate {
  readonly text: string;
  /** The signed text in words; undefined for the right text. */
  readonly mistake?: readonly [code: FailureCode, says: string];
  readonly key?: KeyRow;
}

/** In the order in which they are tried. Some are equal. */
export function* candidatesOf(parts: SignedParts): Generator<Candidate> {
  const { path, query, configuration } = parts;
  const values = valuesOf(parts);
  const candidatesIn = ([code, signed, says]: TextRow): Candidate[] => {
    if (typeof signed !== 'string')
      return signed(parts).map((each) => ({ text: path + queryWith(each), mistake: [code, says!] }));
    const text = signed.replace(/<([^>]+)>/g, (_, name: string) => values[name]!);
    return [{ text, mistake: [code, says ?? `\`${signed.replace('\n', '\\n')}\``] }];
  };
  const right = rightQueries(parts).map((each): Candidate => ({ text: path + queryWith(each) }));
  const usual = [...right, ...usualTexts.flatMap(candidatesIn)];
  yield* usual;
  for (const key of otherKeys) for (const candidate of usual) yield { ...candidate, key };
  yield { text: `${simulatorPath}/${values['id and variant']}${query}`, key: simulatorKey };
  for (const row of otherTexts) yield* candidatesIn(row);
  const start = path.slice(0, path.lastIndexOf('/') + 1);
  for (const name of configuration.variants.keys())
    yield {
      text: start + encodeSegment(name) + query,
      mistake: ['variant-changed', 'the URL of another variant'],
    };
}

/** The documented text. With several `exp`, any of them may have been signed. */
function rightQueries({ unsigned, expiries }: SignedParts): Query[] {
  const withOne = (expiry: Parameter | undefined): Query =>
    unsigned.filter((each) => isNoExpiry(each) || each === expiry);
  return [unsigned, withOne(expiries[0]), withOne(expiries.at(-1))];
}

/** A URL with a token was signed again, and the signed text included the old token. */
function withSignature({
  path,
  query,
  unsigned,
  parameters,
  signatures,
  configuration,
}: SignedParts): Query[] {
  // Within one step, the old token has the same expiry. This text contains the right signature: never show it.
  const old = toParameter(`sig=${configuration.keys.sign(path + query)}`);
  return [parameters.filter((each) => each !== signatures.at(-1)), [...unsigned, old]];
}

function isNoExpiry({ name }: Parameter): boolean {
  return name !== 'exp';
}

/** As they are, with the expiry last, and with the expiry first. */
function inOrders(query: Query): Query[] {
  const others = query.filter(isNoExpiry);
  const expiries = query.filter((each) => !isNoExpiry(each));
  return [query, [...others, ...expiries], [...expiries, ...others]];
}

function inOtherOrders({ unsigned }: SignedParts): Query[] {
  const sorted = unsigned.toSorted((a, b) => (a.text < b.text ? -1 : 1));
  return [unsigned, sorted, unsigned.toReversed()].flatMap(inOrders);
}

/** By `URLSearchParams`, by `encodeURIComponent`, not at all, or only the spaces. */
const encodings: readonly ((parameter: Parameter) => string)[] = [
  ({ name, value }) => new URLSearchParams([[name, formDecode(value)]]).toString(),
  ({ name, value }) =>
    [name, formDecode(value)].map((each) => encodeURIComponent(each.toWellFormed())).join('='),
  ({ name, value }) => `${name}=${formDecode(value)}`,
  ({ text }) => text.replaceAll('+', '%20'),
  ({ text }) => text.replaceAll('%20', '+'),
];

function inOtherEncodings({ unsigned }: SignedParts): Query[] {
  const encoded = encodings.map((encoding) => unsigned.map((each) => toParameter(encoding(each))));
  return encoded.flatMap(inOrders);
}

/** With more parameters, only the last ones are left out one by one. */
const maxRemovals = 16;
/** Parameters that mail programs, social networks and advertisements add to any link. */
const analytics =
  /^(?:utm_|mc_|_hs|hsa_|pk_|mtm_|(?:(?:fb|g|d|y|tw|tt)clid|[gw]braid|msclkid|igshid|_ga|_gl|ref)$)/;

function withFewerParameters({ unsigned, parameters, signatures }: SignedParts): Query[] {
  const others = unsigned.filter(isNoExpiry);
  const behindToken = parameters.slice(parameters.indexOf(signatures[0]!)).filter(isNoExpiry);
  const ofAnalytics = others.filter(({ name }) => analytics.test(name));
  const removals = [others, behindToken, ofAnalytics, ...others.slice(-maxRemovals).map((each) => [each])];
  const left = removals.map((removed) => unsigned.filter((each) => !removed.includes(each)));
  return left.flatMap(inOrders);
}
