/**
 * Looks for the text, the key and the computation that gave a signature. It compares in constant time, as verifying
 * does, and its result says which combination was found, never a MAC.
 *
 * Whoever may ask for an explanation learns whether a whole signature is right under some recipe. That is what
 * `verifyImage` says about one recipe: each answer needs a whole MAC, which nobody can guess. No answer depends on a
 * part of a signature: that could be guessed digit by digit.
 */
import type { SigningKeys } from '../../signing/keys.ts';
import { indexOfKeyInOtherMac, type OtherMac } from '../../signing/other-macs.ts';
import type { FailureCode } from './explanation.ts';
import { queryChanges } from './query-changes.ts';
import type { SignedParts } from './signed-parts.ts';
import {
  type Candidate,
  joinedParts,
  otherVariants,
  rightTexts,
  simulatorText,
  wrongTexts,
} from './signed-texts.ts';

/** How a program computes a MAC wrongly though the text is right. */
interface OtherMacMistake {
  readonly kind: OtherMac;
  readonly code: FailureCode;
  /** What was done, as a sentence. */
  readonly message: string;
}

export interface Found {
  readonly candidate: Candidate;
  /** Undefined: an HMAC with SHA-256 and the key's text, which is right. */
  readonly computation: OtherMacMistake | undefined;
  readonly keyIndex: number;
}

/** For a MAC of 32 bytes. */
const otherMacMistakes: readonly OtherMacMistake[] = [
  {
    kind: 'hash-text',
    code: 'plain-hash',
    message: 'The signature is a plain SHA-256 of the text, without a key.',
  },
  { kind: 'hash-key-text', code: 'plain-hash', message: 'The signature is a plain SHA-256 of key and text.' },
  { kind: 'hash-text-key', code: 'plain-hash', message: 'The signature is a plain SHA-256 of text and key.' },
  { kind: 'key-hex', code: 'key-hex-decoded', message: 'The key was decoded as hexadecimal digits.' },
  { kind: 'key-base64', code: 'key-base64-decoded', message: 'The key was decoded as base64.' },
  {
    kind: 'key-line-feed',
    code: 'key-with-white-space',
    message: 'The key was used with a line feed at its end.',
  },
  {
    kind: 'key-line-end',
    code: 'key-with-white-space',
    message: 'The key was used with a carriage return and a line feed at its end.',
  },
  {
    kind: 'key-space-before',
    code: 'key-with-white-space',
    message: 'The key was used with a space before it.',
  },
  {
    kind: 'key-space-after',
    code: 'key-with-white-space',
    message: 'The key was used with a space after it.',
  },
  {
    kind: 'key-double-quotes',
    code: 'key-in-quotes',
    message: 'The key was used with double quotes around it.',
  },
  {
    kind: 'key-single-quotes',
    code: 'key-in-quotes',
    message: 'The key was used with single quotes around it.',
  },
  {
    kind: 'key-of-simulator',
    code: 'local-simulator',
    message: "The signature is by the key of wrangler's local simulator, which everybody knows.",
  },
];

const sha1: OtherMacMistake = {
  kind: 'hmac-sha1',
  code: 'other-digest',
  message: 'The signature is an HMAC with SHA-1.',
};
const sha512: OtherMacMistake = {
  kind: 'hmac-sha512',
  code: 'other-digest',
  message: 'The signature is an HMAC with SHA-512.',
};

/** The one computation that gives a MAC of this many hexadecimal digits; undefined for SHA-256. */
const macOfLength: ReadonlyMap<number, OtherMacMistake> = new Map([
  [40, sha1],
  [128, sha512],
]);

/** How many MACs one explanation computes at most, besides those that `verifyImage` does: some milliseconds. */
export const maxMacs = 400;

/** How much all explanations of one page search, whose URLs a stranger may have written. */
export class SearchBudget {
  #left: number;

  /** @param macs - how many may be computed, of texts of up to a KiB; a longer one counts for as many as it has KiB */
  constructor(macs: number) {
    this.#left = macs;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(macs: number, textLength: number): void {
    this.#left -= macs * (1 + (textLength >> 10));
  }
}

/**
 * @param mac - in lower-case hex: of 20, 32 or 64 bytes
 * @param limit - how many MACs to compute at most
 * @param budget - once it is spent, only the right texts are tried
 */
export function findRecipe(
  mac: string,
  parts: SignedParts,
  limit: number,
  budget: SearchBudget,
): Found | undefined {
  const search = new Search(mac, parts.configuration.keys, limit, budget);
  const found = search.amongTexts(rightTexts(parts));
  if (found !== undefined || budget.isSpent) return found;
  return (
    search.amongTexts(wrongTexts(parts)) ??
    search.amongComputations() ??
    search.bySimulator(simulatorText(parts)) ??
    search.amongTexts(queryChanges(parts)) ??
    search.amongTexts(joinedParts(parts)) ??
    search.amongTexts(otherVariants(parts))
  );
}

class Search {
  readonly #mac: string;
  readonly #keys: SigningKeys;
  /** The computation that gives a MAC of this length; undefined for the right one. */
  readonly #computation: OtherMacMistake | undefined;
  readonly #tried: Set<string> = new Set();
  readonly #common: Candidate[] = [];
  readonly #budget: SearchBudget;
  #left: number;

  constructor(mac: string, keys: SigningKeys, limit: number, budget: SearchBudget) {
    this.#left = limit;
    this.#budget = budget;
    this.#mac = mac;
    this.#keys = keys;
    this.#computation = macOfLength.get(mac.length);
  }

  amongTexts(candidates: Iterable<Candidate>): Found | undefined {
    for (const candidate of candidates) {
      if (this.#left < 0) return undefined; // to write the other texts would be work for nothing
      if (this.#tried.has(candidate.text)) continue;
      this.#tried.add(candidate.text);
      if (candidate.isCommon === true) this.#common.push(candidate);
      const found = this.#try(candidate, this.#computation);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The common texts among those that were tried, with other keys and without HMAC. */
  amongComputations(): Found | undefined {
    if (this.#computation !== undefined) return undefined;
    for (const candidate of this.#common) {
      for (const computation of otherMacMistakes) {
        const found = this.#try(candidate, computation);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  bySimulator(text: string): Found | undefined {
    const computation = otherMacMistakes.find(({ kind }) => kind === 'key-of-simulator');
    return this.#computation === undefined ? this.#try({ text }, computation) : undefined;
  }

  #try(candidate: Candidate, computation: OtherMacMistake | undefined): Found | undefined {
    this.#left -= this.#keys.size;
    if (this.#left < 0) return undefined;
    this.#budget.spend(this.#keys.size, candidate.text.length);
    const keyIndex =
      computation === undefined
        ? this.#keys.indexOfKey(candidate.text, this.#mac)
        : indexOfKeyInOtherMac(this.#keys, computation.kind, candidate.text, this.#mac);
    return keyIndex < 0 ? undefined : { candidate, computation, keyIndex };
  }
}

/**
 * Whether a signature without its last digit is right so far. Only one digit may be missing: to find it, `verifyImage`
 * takes 16 attempts. With more, this answer would let a forger find a signature digit by digit.
 */
export function isRightButForOneDigit(start: string, parts: SignedParts, budget: SearchBudget): boolean {
  if (start.length !== 63 || budget.isSpent) return false;
  const { keys } = parts.configuration;
  for (const { text } of rightTexts(parts)) {
    budget.spend(16 * keys.size, text.length);
    for (const digit of '0123456789abcdef') if (keys.indexOfKey(text, start + digit) >= 0) return true;
  }
  return false;
}
