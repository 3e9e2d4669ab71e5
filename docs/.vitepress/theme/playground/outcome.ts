/** What happened to a URL that the package found, and why. */
import type { Configuration } from '../../../../src/options/configuration.ts';
import { type Stores, sentencesOf, skipped } from '../../../../src/options/warnings.ts';
import { coreOf } from '../../../../src/signer/core.ts';
import type { Signer } from '../../../../src/signer/index.ts';
import { explainUnmatched, resolve, unsign } from '../../../../src/signer/resolve.ts';
import { utcText } from './utc-text.ts';

/** `skipped`: looks like an image of the site but was not signed. `unread`: in a place that the package does not read. */
export type Kind = 'signed' | 'kept' | 'public' | 'skipped' | 'unread';

export interface Outcome {
  readonly kind: Kind;
  /** The reason in a sentence, with `code` in backticks. */
  readonly message: string;
  readonly fix?: string | undefined;
}

/** By a URL and its replacement. Every typed letter rewrites the page, and most of its URLs stay. */
type Known = Map<string, Outcome | undefined>;

const knownBySigner = new WeakMap<Signer, Known>();

/** Enough for pages of several hundred KB. */
const maxKnown = 10_000;

/** @returns undefined for a URL that does not belong to the scheme */
export function outcomeOf(from: string, to: string, signer: Signer): Outcome | undefined {
  let known = knownBySigner.get(signer);
  if (known === undefined || known.size >= maxKnown) {
    known = new Map();
    knownBySigner.set(signer, known);
  }
  const key = `${from} ${to}`;
  if (!known.has(key)) known.set(key, computeOutcome(from, to, signer));
  return known.get(key);
}

function computeOutcome(from: string, to: string, signer: Signer): Outcome | undefined {
  const { configuration } = coreOf(signer)!; // it is a signer
  const resolved = resolve(from, configuration);
  if (typeof resolved === 'string') return unresolved(from, resolved, configuration);
  if (resolved.lifetime.alwaysPublic) {
    const message =
      from === to ? 'Always public: it needs no token.' : 'Always public: its token was removed.';
    return { kind: 'public', message };
  }
  if (unsign(to, configuration) === to) return skippedFor('not-authorized');
  const until = untilOf(to, signer);
  if (from === to) return { kind: 'kept', message: `It has a token that lasts long enough${until}.` };
  const had = unsign(from, configuration) !== from;
  return { kind: 'signed', message: `${had ? 'Its token was replaced' : 'It got a token'}${until}.` };
}

/** Empty for a scheme that cannot verify. */
function untilOf(url: string, signer: Signer): string {
  const verification = signer.verifyImage(url);
  return 'expiresAt' in verification ? `, valid until ${utcText(verification.expiresAt)}` : '';
}

/** For a URL that would be signed if it were not in this script. */
export const staysInTemplate: Outcome = {
  kind: 'skipped',
  message:
    'It is in a script: a template computes a part of it, or it has characters that could end the script.',
  fix: 'Sign the whole URL with `signData` in the data for the template, or write `<` and `>` as `%3C` and `%3E`.',
};

/** The package's own sentence covers every scheme. This one names the form's field. */
const outsidePrefixes: Outcome = {
  kind: 'skipped',
  message: 'It is outside Prefixes, or the scheme never signs this spelling.',
  fix: "Compare it with Prefixes. The scheme's page lists the spellings that are never signed.",
};

function unresolved(
  url: string,
  failure: Extract<ReturnType<typeof resolve>, string>,
  configuration: Configuration,
): Outcome | undefined {
  if (failure !== 'unknown' && failure !== 'not-a-delivery-url') return skippedFor(failure);
  const unmatched = explainUnmatched(url, configuration);
  if (unmatched === undefined) return failure === 'unknown' ? undefined : outsidePrefixes;
  const { reason, delivery } = unmatched;
  if (failure === 'unknown' && reason !== 'not-under-delivery') return undefined;
  return skippedFor(
    reason,
    delivery === undefined ? undefined : `If it is yours, add \`${delivery}\` to Delivery.`,
  );
}

/** Only Cloudflare Images has these reasons. */
const cloudflareImages: Stores = { hasCloudflareImages: true, hasOthers: false };

function skippedFor(reason: keyof typeof skipped, hint?: string): Outcome {
  const [what, fix] = sentencesOf(skipped[reason], cloudflareImages);
  const why = what.replace('was not signed: ', '');
  return { kind: 'skipped', message: `${capitalized(why)}.`, fix: hint ?? `${fix}.` };
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
