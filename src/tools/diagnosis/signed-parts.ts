/**
 * Takes a URL apart into what its signature may have been computed over: its parameters, its token however it is written, and
 * its path. It names what is wrong with the form of the token; it knows no clock, and computes no signature.
 */
import {
  accountHashOf,
  type DeliveryMatch,
  imageIdOf,
  signedPathOf,
} from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup } from '../../schemes/cloudflare-images/scheme.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { isTokenParameter } from '../../url/token-parameters.ts';
import { describe } from '../../validation/message.ts';
import type { Finding } from './explanation.ts';
import { finding } from './findings.ts';

/** A parameter of a query. */
export interface Parameter {
  /** As written, `name=value`. */
  readonly text: string;
  /** Percent-decoded. */
  readonly name: string;
  /** As written. */
  readonly value: string;
}

export interface TokenParts {
  /** All parameters in their order, with plain names and values of `exp` and `sig`. */
  readonly parameters: readonly Parameter[];
  readonly expiries: readonly Parameter[];
  readonly signatures: readonly Parameter[];
  /** Unix seconds, the latest of several; undefined if no `exp` says so. */
  readonly expiresAt: number | undefined;
  readonly findings: readonly Finding[];
}

/** The parts of a URL from which candidates are made. */
export interface SignedParts {
  readonly match: DeliveryMatch;
  readonly configuration: CloudflareSetup;
  /** As it is signed. */
  readonly path: string;
  /** As the URL has it, with the base. */
  readonly pathInUrl: string;
  /** The parameters without any `sig`. */
  readonly unsigned: readonly Parameter[];
  readonly token: TokenParts;
  /** The value of `exp`, as written. */
  readonly expiry: string | undefined;
  readonly account: string;
  readonly id: string;
  /** The id and the variant, percent-encoded. */
  readonly idAndVariant: string;
}

/** In March 1973. A smaller number is more likely a length of time: up to three years. */
const earliestExpiry = 100_000_000;

export function partsOf(
  match: DeliveryMatch,
  token: TokenParts,
  configuration: CloudflareSetup,
): SignedParts {
  const { text, reference, base, path } = match;
  const signedPath = signedPathOf(match);
  return {
    match,
    configuration,
    path: signedPath,
    pathInUrl: text.slice(reference.path, reference.path + base.path.length) + path,
    unsigned: token.parameters.filter(({ name }) => name !== 'sig'),
    token,
    expiry: token.expiries[0]?.value,
    account: accountHashOf(match),
    id: imageIdOf(match),
    idAndVariant: path.slice(match.idStart),
  };
}

/** Unlike `readToken`, it also reads what does not verify. */
export function readTokenParts(query: string): TokenParts {
  const written = readParameters(query);
  const parameters = written.map((each) =>
    each.text.includes('%') && isTokenParameter(each.text) ? withPlainToken(each) : each,
  );
  const expiries = parameters.filter(({ name }) => name === 'exp');
  const signatures = parameters.filter(({ name }) => name === 'sig');
  const findings: Finding[] = [];
  if (signatures.length === 0) findings.push(missingSignature(expiries.length > 0));
  else if (expiries.length === 0)
    findings.push(finding('missing-expiry', 'The URL has a `sig`, and no `exp`.'));
  if (expiries.length > 1)
    findings.push(finding('duplicate-expiry', `The URL has \`exp\` ${expiries.length} times.`));
  if (
    parameters.some((each, index) => each.text !== written[index]!.text && !isEncodedBase64(written[index]!))
  )
    findings.push(finding('encoded-token', 'The name or the value of `exp` or `sig` is percent-encoded.'));
  const times = expiries.map(({ value }) => secondsOf(value)).filter((time) => time !== undefined);
  const malformed = expiries.map(({ value }) => expiryFinding(value)).find((each) => each !== undefined);
  if (malformed !== undefined) findings.push(malformed);
  return {
    parameters,
    expiries,
    signatures,
    expiresAt: times.length === 0 ? undefined : Math.max(...times),
    findings,
  };
}

/** Unix seconds; milliseconds are divided. */
function secondsOf(value: string): number | undefined {
  if (!/^[1-9]\d{0,13}$/.test(value)) return undefined;
  const number = Number(value);
  return value.length <= 11 ? number : Math.floor(number / 1000);
}

/** Eleven digits are seconds up to the year 5138, twelve and more are milliseconds since 1973. */
function expiryFinding(value: string): Finding | undefined {
  if (!/^[1-9]\d{0,13}$/.test(value)) {
    const message = `\`exp\` is ${describe(value)}, and not whole Unix seconds.`;
    return finding('malformed-expiry', message);
  }
  if (value.length > 11)
    return finding('expiry-in-milliseconds', `\`exp\` has ${value.length} digits: it is in milliseconds.`);
  if (Number(value) < earliestExpiry) {
    const message = `\`exp\` is ${value}, which as Unix time was before 1974: it looks like a duration.`;
    return finding('expiry-is-duration', message);
  }
  return undefined;
}

function missingSignature(hasExpiry: boolean): Finding {
  const message = hasExpiry ? 'The URL has an `exp`, and no `sig`.' : 'The URL carries no token.';
  return finding('missing-signature', message);
}

function withPlainToken({ name, value }: Parameter): Parameter {
  return toParameter(`${name}=${percentDecode(value)}`);
}

/** In base64, `+`, `/` and `=` have to be percent-encoded: that is no mistake of its own. */
function isEncodedBase64({ text, value }: Parameter): boolean {
  return text.startsWith('sig=') && /[+/=]/.test(percentDecode(value));
}

function readParameters(query: string): Parameter[] {
  return query === '' ? [] : query.split('&').map(toParameter);
}

export function toParameter(text: string): Parameter {
  const equals = text.indexOf('=');
  if (equals < 0) return { text, name: percentDecode(text), value: '' };
  return { text, name: percentDecode(text.slice(0, equals)), value: text.slice(equals + 1) };
}

function joinParameters(parameters: readonly Parameter[]): string {
  return parameters.map(({ text }) => text).join('&');
}

/** The text that is signed for a path and parameters; without parameters, the path alone. */
export function textOf(path: string, parameters: readonly Parameter[]): string {
  return parameters.length === 0 ? path : `${path}?${joinParameters(parameters)}`;
}
