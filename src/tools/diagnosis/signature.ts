/** Explains the signature of a token: its form, the recipe by which it was made, and what changed since. */
import { asName, describe } from '../../validation/message.ts';
import type { SignedParts } from './candidate.ts';
import type { Finding } from './explanation.ts';
import { finding } from './findings.ts';
import type { Parameter } from './parameters.ts';
import { type Found, findRecipe, isRightButForOneDigit, maxMacs, type SearchBudget } from './search.ts';
import { readSignatureForm, truncated } from './signature-form.ts';

export interface SignatureExplanation {
  /** The place in the option `key` of the key that made it; undefined if none did. */
  readonly keyIndex: number | undefined;
  readonly findings: readonly Finding[];
}

interface ValueExplanation {
  readonly found?: Found;
  readonly findings: readonly Finding[];
}

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
