/**
 * Splits a delivery URL into the parts that may have been signed: its path, its parameters, and its token in any spelling.
 * It knows no clock, and computes no signature.
 */
import { type DeliveryMatch, queryOf } from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup } from '../../schemes/cloudflare-images/scheme.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { isTokenParameter } from '../../url/token-parameters.ts';
import { describe } from '../../validation/message.ts';
import { type Finding, finding } from './explanation.ts';

/** A parameter of a query. */
export interface Parameter {
  /** As written, `name=value`. */
  readonly text: string;
  /** Percent-decoded. */
  readonly name: string;
  /** As written. */
  readonly value: string;
}

export interface SignedParts {
  readonly match: DeliveryMatch;
  readonly configuration: CloudflareSetup;
  /** As it is signed. */
  readonly path: string;
  /** In their order, with plain names and values of `exp` and `sig`. */
  readonly parameters: readonly Parameter[];
  /** Those without any `sig`. */
  readonly unsigned: readonly Parameter[];
  /** `unsigned` behind a `?`, or nothing. */
  readonly query: string;
  readonly expiries: readonly Parameter[];
  readonly signatures: readonly Parameter[];
  /** Whether `exp` or `sig` is percent-encoded. In base64, `+`, `/` and `=` must be. */
  readonly hasEncodedToken: boolean;
}

export function partsOf(match: DeliveryMatch, configuration: CloudflareSetup): SignedParts {
  const query = queryOf(match);
  const written = query === '' ? [] : query.split('&').map(toParameter);
  const parameters = written.map(withPlainToken);
  const unsigned = parameters.filter(({ name }) => name !== 'sig');
  return {
    match,
    configuration,
    path: match.signedPath,
    parameters,
    unsigned,
    query: queryWith(unsigned),
    expiries: parameters.filter(({ name }) => name === 'exp'),
    signatures: parameters.filter(({ name }) => name === 'sig'),
    hasEncodedToken: written.some(
      (each, at) => each !== parameters[at] && !/[+/=]/.test(parameters[at]!.value),
    ),
  };
}

export function toParameter(text: string): Parameter {
  const equals = text.indexOf('=');
  if (equals < 0) return { text, name: percentDecode(text), value: '' };
  return { text, name: percentDecode(text.slice(0, equals)), value: text.slice(equals + 1) };
}

/** These parameters after a `?`; empty if there are none. */
export function queryWith(parameters: readonly Parameter[]): string {
  return parameters.length === 0 ? '' : `?${parameters.map(({ text }) => text).join('&')}`;
}

function withPlainToken(each: Parameter): Parameter {
  if (!each.text.includes('%') || !isTokenParameter(each.text)) return each;
  return toParameter(`${each.name}=${percentDecode(each.value)}`);
}

/** Mistakes in the form of the token. */
export function tokenFindings({ expiries, signatures, hasEncodedToken }: SignedParts): Finding[] {
  const findings: Finding[] = [];
  if (signatures.length === 0) {
    const message = expiries.length > 0 ? 'The URL has an `exp`, but no `sig`.' : 'The URL has no token.';
    findings.push(finding('missing-signature', message));
  } else if (expiries.length === 0)
    findings.push(finding('missing-expiry', 'The URL has a `sig`, but no `exp`.'));
  if (expiries.length > 1)
    findings.push(finding('duplicate-expiry', `The URL has \`exp\` ${expiries.length} times.`));
  if (hasEncodedToken)
    findings.push(finding('encoded-token', 'The name or the value of `exp` or `sig` is percent-encoded.'));
  return [...findings, ...expiries.flatMap(({ value }) => expiryFinding(value) ?? []).slice(0, 1)];
}

/** In March 1973. A smaller number is probably a duration of up to three years. */
const earliestExpiry = 100_000_000;
/** Up to the year 5138. A larger number is in milliseconds: since 1973. */
const latestExpiry = 99_999_999_999;

/** `NaN` unless the text is a whole number. */
function numberOf(expiry: string): number {
  return /^[1-9]\d{0,13}$/.test(expiry) ? Number(expiry) : Number.NaN;
}

function expiryFinding(value: string): Finding | undefined {
  const expiry = numberOf(value);
  if (Number.isNaN(expiry))
    return finding('malformed-expiry', `\`exp\` is ${describe(value)}, not whole Unix seconds.`);
  if (expiry > latestExpiry)
    return finding('expiry-in-milliseconds', `\`exp\` has ${value.length} digits: it is in milliseconds.`);
  const message = `\`exp\` is ${value}, a time before 1974: it looks like a duration.`;
  return expiry < earliestExpiry ? finding('expiry-is-duration', message) : undefined;
}

/** In Unix seconds; the latest of several; converted from milliseconds. Undefined without a valid `exp`. */
export function expiryOf({ expiries }: SignedParts): number | undefined {
  const numbers = expiries.map(({ value }) => numberOf(value)).filter((each) => each > 0);
  const times = numbers.map((each) => (each > latestExpiry ? Math.floor(each / 1000) : each));
  return times.length === 0 ? undefined : Math.max(...times);
}
