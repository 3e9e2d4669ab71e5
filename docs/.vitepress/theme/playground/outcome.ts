/** What became of a URL that the package found, and why. */
import type { Configuration } from '../../../../src/options/configuration.ts';
import { type Stores, sentencesOf, skipped } from '../../../../src/options/warnings.ts';
import { coreOf } from '../../../../src/signer/core.ts';
import type { Signer } from '../../../../src/signer/index.ts';
import { explainUnmatched, resolve, unsign } from '../../../../src/signer/resolve.ts';
import { utcText } from './utc-text.ts';

/** `skipped`: it looks like an image of the site, and was not signed. `unread`: it stands where the package does not look. */
export type Kind = 'signed' | 'kept' | 'public' | 'skipped' | 'unread';

export interface Outcome {
  readonly kind: Kind;
  /** Why, in a sentence, with `code` in backticks. */
  readonly message: string;
  readonly fix?: string | undefined;
}

/** From a URL and its replacement. A page is rewritten with each letter that is typed, and most of its URLs stay. */
type Known = Map<string, Outcome | undefined>;

const knownBySigner = new WeakMap<Signer, Known>();

/** Pages of some hundred KB. */
const maxKnown = 10_000;

/** @returns undefined for a URL that has nothing to do with the scheme */
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

/** Of a URL that would be signed but for the script that it stands in. */
export const staysInTemplate: Outcome = {
  kind: 'skipped',
  message:
    'In a script, a part of it is computed by a template, or holds what may decide where the script ends.',
  fix: 'Sign the whole URL in the data that the template gets, with `signData`, or write `<` and `>` in it as `%3C` and `%3E`.',
};

/** The package's own sentence names what may be wrong with every scheme. */
const outsidePrefixes: Outcome = {
  kind: 'skipped',
  message: 'It is under none of the prefixes, or spelled in a way that the scheme never signs.',
  fix: 'Compare it with Prefixes. The page of the scheme says which spellings are never signed.',
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
