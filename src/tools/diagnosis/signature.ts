/** Explains the signature of a token: its form, the recipe by which it was made, and what changed since. */
import { asName, describe } from '../../validation/message.ts';
import type { Finding } from './explanation.ts';
import { finding } from './findings.ts';
import { type Found, findRecipe, isRightButForOneDigit, maxMacs, type SearchBudget } from './search.ts';
import type { Parameter, SignedParts } from './signed-parts.ts';

export interface SignatureExplanation {
  /** The place in the option `key` of the key that made it; undefined if none did. */
  readonly keyIndex: number | undefined;
  readonly findings: readonly Finding[];
}

interface ValueExplanation {
  readonly found?: Found;
  readonly findings: readonly Finding[];
}

interface SignatureForm {
  /** In lower-case hex; undefined if the text has no form that a MAC of 20, 32 or 64 bytes has. */
  readonly mac: string | undefined;
  /** What is wrong with the form, whatever was signed. */
  readonly findings: readonly Finding[];
}

/** Digits of SHA-1, SHA-256 and SHA-512. */
const lengths: readonly number[] = [40, 64, 128];

const triedWords =
  'the path with and without its base, host, account hash, slash, encoding and query; other separators; other units of time; fewer parameters, in other orders and encodings; an older signature along with the rest; id, variant and expiry alone; other variants; plain hashes; each key decoded, in quotes, with white space';

/** @param parts - of a URL with at least one `sig` */
export function explainSignature(parts: SignedParts, budget: SearchBudget): SignatureExplanation {
  const { signatures } = parts.token;
  // Of several, a program may have appended the last one and signed the others along.
  const values = new Set([signatures.at(-1)!.value, signatures[0]!.value]);
  const results = [...values].map((value) => explainValue(value, parts, maxMacs / values.size, budget));
  const { found, findings } = results.find((each) => each.found !== undefined) ?? results[0]!;
  const all = [...findings];
  if (signatures.length > 1 && found?.candidate.code !== 'signed-old-signature')
    all.unshift(finding('duplicate-signature', `The URL has \`sig\` ${signatures.length} times.`));
  if (!isSignatureLast(parts, found?.candidate.removed ?? []))
    all.push(finding('signature-not-last', 'Other parameters follow `sig`, which has to be the last one.'));
  return { keyIndex: found?.keyIndex, findings: all };
}

function explainValue(
  value: string,
  parts: SignedParts,
  limit: number,
  budget: SearchBudget,
): ValueExplanation {
  const { mac, findings } = readSignatureForm(value);
  if (mac === undefined) {
    if (!isRightButForOneDigit(value.toLowerCase(), parts, budget)) return { findings };
    const message = 'The signature lacks its last digit, and is right up to there.';
    return { findings: [finding('truncated-signature', message)] };
  }
  const isSearched = !budget.isSpent;
  const found = findRecipe(mac, parts, limit, budget);
  if (found !== undefined) return { found, findings: [...findings, ...describeFound(found)] };
  const unknown = mac.length < 64 ? truncated(mac.length) : unknownSignature(parts, isSearched);
  return { findings: [...findings, unknown] };
}

function describeFound({ candidate, computation }: Found): Finding[] {
  const { code, says, removed = [] } = candidate;
  const findings: Finding[] = [];
  if (code !== undefined && says !== undefined) {
    const names = removed.slice(0, 5).map(({ name }) => describe(name, asName));
    const added = names.length === 0 ? '' : `: ${names.join(', ')}${removed.length > 5 ? ', …' : ''}`;
    findings.push(finding(code, `The signature was computed over ${says}${added}.`));
  }
  if (computation !== undefined) findings.push(finding(computation.code, computation.message));
  return findings;
}

function unknownSignature({ configuration }: SignedParts, isSearched: boolean): Finding {
  const { size } = configuration.keys;
  const keys = size === 1 ? 'the key' : `any of the ${size} keys`;
  if (!isSearched)
    return finding(
      'unknown-signature',
      `The signature was not made with ${keys} for this URL. What else was signed has not been looked for: too many URLs before it are wrong. \`image-signer explain\` looks at this one alone.`,
    );
  return finding(
    'unknown-signature',
    `The signature was not made with ${keys} for this URL, nor for one that is nearly the same. Another key, or another image id or expiry, was signed. Tried: ${triedWords}.`,
  );
}

/** Parameters that were added after signing are a finding of their own. */
function isSignatureLast({ token }: SignedParts, removed: readonly Parameter[]): boolean {
  return token.parameters.filter((each) => !removed.includes(each)).at(-1)?.name === 'sig';
}

/** In any form in which programs write a MAC. @param value - of `sig`, percent-decoded */
function readSignatureForm(value: string): SignatureForm {
  if (/^[\da-f]+$/i.test(value)) return readHex(value);
  const mac = readBase64(value);
  if (mac !== undefined) {
    const isUrlSafe = /[_-]/.test(value) && !value.includes('=');
    const name = isUrlSafe ? 'base64url' : 'base64';
    return {
      mac,
      findings: [finding('base64-signature', `The signature is written in ${name}, not in hexadecimal.`)],
    };
  }
  return { mac: undefined, findings: [finding('malformed-signature', otherForm(value))] };
}

function readHex(value: string): SignatureForm {
  const mac = value.toLowerCase();
  const findings =
    mac === value
      ? []
      : [
          finding(
            'uppercase-signature',
            'The signature has upper-case digits. Cloudflare writes lower case.',
          ),
        ];
  if (lengths.includes(value.length)) return { mac, findings };
  const found = value.length < 64 ? truncated(value.length) : tooLong(value.length);
  return { mac: undefined, findings: [...findings, found] };
}

function truncated(length: number): Finding {
  return finding(
    'truncated-signature',
    `The signature has ${length} of 64 digits: its end, or some other part, is missing.`,
  );
}

function tooLong(length: number): Finding {
  return finding('malformed-signature', `The signature has ${length} hexadecimal digits, and not 64.`);
}

/** A form decoder reads a raw `+` as a space. */
function readBase64(value: string): string | undefined {
  const text = value.replaceAll(' ', '+');
  if (text.length > 88 || !/^[\w+/-]+={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  const isWhole = bytes.toString('base64url') === toUrlSafe(text);
  return isWhole && lengths.includes(2 * bytes.length) ? bytes.toString('hex') : undefined;
}

function toUrlSafe(text: string): string {
  return text
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '');
}

function otherForm(value: string): string {
  if (value === '') return 'The signature is empty.';
  if (/^[\w-]+\.[\w-]+\.[\w-]+$/.test(value))
    return "The signature is a JSON Web Token, such as Cloudflare Stream's. Images have an HMAC.";
  if (/^\d{10}-[\w%+/=-]+$/.test(value))
    return "The signature is a timed one, such as those that Cloudflare's WAF verifies. Images have an HMAC.";
  return `The signature is text of ${value.length} characters, and not 64 hexadecimal digits.`;
}
