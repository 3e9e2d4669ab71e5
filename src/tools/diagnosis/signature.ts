/**
 * Explains the signature of a token: its form, and which text and key of the table made it. It compares in constant time, as
 * verification does, and never shows a MAC.
 *
 * An explanation reveals whether a whole signature is right under some row, as `verifyImage` does for one row. An attacker
 * cannot guess a whole MAC. No answer depends on part of a signature, which could be guessed digit by digit.
 */
import { indexOfKeyInOtherMac } from '../../signing/other-macs.ts';
import { asName, describe } from '../../validation/message.ts';
import { type Finding, finding } from './explanation.ts';
import { type Candidate, candidatesOf, otherDigests } from './mistakes.ts';
import type { Parameter, SignedParts } from './token-parts.ts';

interface Found extends Candidate {
  /** The place of the key in the option `key`. */
  readonly keyIndex: number;
}

/** The most MACs of one explanation, besides those of `verifyImage`: a few milliseconds. */
const maxMacs = 400;

/** The MACs left for all explanations of one page, whose URLs a stranger may have written. */
export interface SearchBudget {
  left: number;
}

/** @param parts - of a URL with at least one `sig` */
export function explainSignature(parts: SignedParts, budget: SearchBudget): Finding[] {
  const { parameters, signatures } = parts;
  // A program may have appended the last one, and signed the others too.
  const { value } = signatures.at(-1)!;
  const { mac, findings } = readForm(value);
  const isSearched = budget.left > 0;
  const found = mac === undefined ? undefined : search(mac, parts, budget);
  const [code] = found?.mistake ?? [];
  const added = found !== undefined && code === 'parameter-added' ? addedSince(found, parts) : [];
  if (signatures.length > 1 && code !== 'signed-old-signature')
    findings.unshift(finding('duplicate-signature', `The URL has \`sig\` ${signatures.length} times.`));
  if (found !== undefined) findings.push(...describeFound(found, added));
  else if (mac !== undefined)
    findings.push(mac.length < 64 ? truncated(mac.length) : unknownSignature(parts, isSearched));
  if (parameters.filter((each) => !added.includes(each)).at(-1)?.name !== 'sig')
    findings.push(finding('signature-not-last', 'Other parameters follow `sig`, which must be last.'));
  if (found !== undefined && found.keyIndex > 0) {
    const message = `An older key made the signature: number ${found.keyIndex + 1} in the list.`;
    findings.push(finding('older-key', message));
  }
  return findings;
}

/** @param budget - when it is spent, only the right texts are tried */
function search(mac: string, parts: SignedParts, budget: SearchBudget): Found | undefined {
  const { keys } = parts.configuration;
  const digest = otherDigests.get(mac.length);
  const tried = new Set<string>();
  let left = maxMacs;
  for (const candidate of candidatesOf(parts)) {
    const { text, mistake, key = digest } = candidate;
    if (candidate.key !== undefined && digest !== undefined) continue; // it gives a MAC of another length
    const [kind] = key ?? [];
    const id = `${kind} ${text}`;
    if (tried.has(id)) continue;
    tried.add(id);
    left -= keys.size;
    if (left < 0 || (budget.left <= 0 && (mistake ?? candidate.key) !== undefined)) return undefined;
    budget.left -= keys.size * (1 + (text.length >> 10)); // a long text takes longer
    const keyIndex =
      kind === undefined ? keys.indexOfKey(text, mac) : indexOfKeyInOtherMac(keys, kind, text, mac);
    if (keyIndex >= 0) return { ...candidate, ...(key && { key }), keyIndex };
  }
  return undefined;
}

function describeFound({ mistake, key }: Found, added: readonly Parameter[]): Finding[] {
  const names = added.slice(0, 5).map(({ name }) => describe(name, asName));
  const shown = names.length === 0 ? '' : `: ${names.join(', ')}${added.length > 5 ? ', …' : ''}`;
  const findings: Finding[] = [];
  if (mistake !== undefined)
    findings.push(finding(mistake[0], `The signature was computed over ${mistake[1]}${shown}.`));
  if (key !== undefined) findings.push(finding(key[1], key[2]));
  return findings;
}

/** The parameters that were added after signing. */
function addedSince({ text }: Found, { unsigned }: SignedParts): Parameter[] {
  const signed = new Set(text.slice(text.indexOf('?') + 1).split('&'));
  return unsigned.filter((each) => !signed.has(each.text));
}

function unknownSignature({ configuration }: SignedParts, isSearched: boolean): Finding {
  const { size } = configuration.keys;
  const keys = size === 1 ? 'the key' : `any of the ${size} keys`;
  const rest = isSearched
    ? ' or a similar one. Another key, image id or expiry was used. Tried: other texts, encodings, parameters and variants, plain hashes, and keys that were decoded, in quotes or with white space.'
    : '. Nothing else was tried: too many URLs before it are wrong.';
  return finding('unknown-signature', `The signature was not made with ${keys} for this URL${rest}`);
}

interface Form {
  /** In lower-case hex; undefined if the text cannot be a MAC of 20, 32 or 64 bytes. */
  readonly mac?: string;
  /** Mistakes in the form, whatever was signed. */
  readonly findings: Finding[];
}

/** Digits of SHA-1, SHA-256 and SHA-512. */
const lengths: readonly number[] = [40, 64, 128];

/** Reads a MAC in any form that programs write. @param value - of `sig`, percent-decoded */
function readForm(value: string): Form {
  const { length } = value;
  if (/^[\da-f]+$/i.test(value)) {
    const mac = value.toLowerCase();
    const findings =
      mac === value ? [] : [finding('uppercase-signature', 'The signature has upper-case digits.')];
    if (lengths.includes(length)) return { mac, findings };
    const message = `The signature has ${length} hexadecimal digits instead of 64.`;
    return {
      findings: [...findings, length < 64 ? truncated(length) : finding('malformed-signature', message)],
    };
  }
  // A form decoder reads a raw `+` as a space.
  const urlSafe = value
    .replaceAll(/[ +]/g, '-')
    .replaceAll('/', '_')
    .replace(/={1,2}$/, '');
  const bytes = Buffer.from(urlSafe, 'base64url');
  if (bytes.toString('base64url') === urlSafe && lengths.includes(2 * bytes.length)) {
    const message = 'The signature is in base64 or base64url instead of hexadecimal.';
    return { mac: bytes.toString('hex'), findings: [finding('base64-signature', message)] };
  }
  const message = `The signature is text of ${length} characters instead of 64 hexadecimal digits.`;
  return { findings: [finding('malformed-signature', message)] };
}

function truncated(length: number): Finding {
  const message = `The signature has ${length} of 64 digits: its end or another part is missing.`;
  return finding('truncated-signature', message);
}
