/**
 * Explains why a URL does not verify: one of Cloudflare Images by its mistakes (`explain-delivery.ts`), any other by the
 * reason alone. It knows no framework, and never throws for a URL.
 */
import type { Configuration } from '../../options/configuration.ts';
import type { VerificationFailure } from '../../options/events.ts';
import { parseDiagnosis } from '../../options/parse.ts';
import { type CloudflareSetup, setupOf } from '../../schemes/cloudflare-images/scheme.ts';
import { nameProblems } from '../../schemes/object-name.ts';
import { matchPath, placeOf } from '../../schemes/url-parts.ts';
import { readClockOrNaN } from '../../signer/clock.ts';
import { coreOf, secretsOf } from '../../signer/core.ts';
import { nameProblemOf, rename, resolve } from '../../signer/resolve.ts';
import { type Verification, verifyUrl } from '../../signer/verification.ts';
import { epochSeconds } from '../../signing/expiry.ts';
import { maxUrlLength } from '../../text/limits.ts';
import { redactUrl } from '../../url/redaction.ts';
import { describe } from '../../validation/message.ts';
import { otherSpellingHint, otherSpellingOf } from './bucket-spelling.ts';
import { comparisonAt } from './comparisons.ts';
import { explainDelivery } from './explain-delivery.ts';
import type { Explanation, FailureCode, Finding } from './explanation.ts';
import { finding } from './findings.ts';
import { otherTokenIn } from './other-token.ts';
import { SearchBudget } from './search.ts';

type Reason = readonly [code: FailureCode, message: string, fix?: string];

const reasons: Readonly<Record<Exclude<VerificationFailure, 'not-a-delivery-url'>, Reason>> = {
  'account-not-allowed': ['account-not-allowed', 'Its account is not in `accountHash`.'],
  'variant-not-allowed': ['variant-not-allowed', 'Its variant is not in `variants`.'],
  'missing-signature': ['missing-signature', 'It has no token.'],
  'malformed-signature': [
    'malformed-signature',
    'Its token is not written as the scheme writes it.',
    'Copy the whole URL, and compare it with what `signImage` returns for the same image.',
  ],
  'bad-signature': [
    'unknown-signature',
    'The key of the scheme has not made its signature, or the URL was changed after that.',
  ],
  expired: ['expired', 'Its signature is right, and its time is over.'],
};

const unverified =
  'Its signature cannot be judged: the scheme signs and does not verify, so this is said of every URL.';

const spellings =
  'Some spellings are never signed, so that a token opens one image alone: the page of the scheme in https://github.com/image-signer/image-signer/tree/main/docs/schemes says which.';

/**
 * @param budget - of all URLs that are explained together; for one alone, its own limit is enough
 * @throws ImageSignerError INVALID_OPTION for wrong options, KEY_UNAVAILABLE if there is no key to compare with
 */
export function explain(
  url: unknown,
  options: unknown,
  budget: SearchBudget = new SearchBudget(Infinity),
): Explanation {
  return explainBy(parseDiagnosis('explainUrl', options, coreOf), url, budget);
}

/**
 * For a caller that has the options in their parsed form.
 * @throws ImageSignerError KEY_UNAVAILABLE if there is no key to compare with
 */
export function explainBy(
  configuration: Configuration,
  url: unknown,
  budget: SearchBudget = new SearchBudget(Infinity),
): Explanation {
  const now = readClockOrNaN(configuration);
  secretsOf(configuration)?.require(epochSeconds(now));
  if (typeof url !== 'string')
    return { ok: false, findings: [finding('not-a-url', `Expected a URL as text, got ${describe(url)}.`)] };
  if (url.length > maxUrlLength) return { ok: false, findings: [tooLong(url)] };
  const renamed = rename(url, configuration);
  if (renamed === undefined) return explainText(url, configuration, now, budget);
  const { findings, ...rest } = explainText(renamed, configuration, now, budget);
  const message =
    'The URL is under a base of `from`: images are stored so, and delivered under another. The rest is said of the URL there.';
  return { ...rest, ok: false, findings: [finding('under-from', message), ...findings] };
}

function explainText(
  url: string,
  configuration: Configuration,
  now: number,
  budget: SearchBudget,
): Explanation {
  const verification = verifyUrl(url, configuration, now);
  const setup = setupFor(url, configuration);
  return setup === undefined
    ? explainByReason(url, verification, configuration)
    : explainDelivery(url, setup, verification.ok, now, budget);
}

/** Of Cloudflare Images, unless another scheme of a list has the URL. */
function setupFor(url: string, { schemes }: Configuration): CloudflareSetup | undefined {
  const owner =
    schemes.find((each) => each.signs(url)) ?? schemes.find((each) => each.resolve(url) !== undefined);
  if (owner !== undefined) return setupOf(owner.definition);
  return schemes.flatMap(({ definition }) => setupOf(definition) ?? [])[0];
}

function tooLong(url: string): Finding {
  return finding('url-too-long', `The URL has ${url.length} characters; servers accept some thousands.`);
}

/** Of a scheme other than Cloudflare Images the reason alone is known, and no mistakes. */
function explainByReason(url: string, verification: Verification, configuration: Configuration): Explanation {
  if (!verification.ok) {
    const { reason } = verification;
    const [code, message, fix] =
      reason === 'not-a-delivery-url'
        ? unmatchedReason(url, configuration)
        : (otherTokenReason(url, reason, configuration) ?? reasonOf(url, reason, configuration));
    return { ok: false, findings: [finding(code, message, fix)] };
  }
  const { image } = verification;
  return 'expiresAt' in verification
    ? { ok: true, image, expiresAt: verification.expiresAt, findings: [] }
    : { ok: true, image, findings: [] };
}

function reasonOf(url: string, reason: keyof typeof reasons, configuration: Configuration): Reason {
  const [code, message] = reasons[reason];
  const resolved = code === 'unknown-signature' ? resolve(url, configuration) : undefined;
  if (typeof resolved !== 'object') return reasons[reason];
  const { name, canVerify } = resolved.scheme;
  return [code, canVerify ? message : unverified, comparisonAt(name)];
}

/** Where the token is not one of the scheme. */
function otherTokenReason(
  url: string,
  reason: keyof typeof reasons,
  configuration: Configuration,
): Reason | undefined {
  if (!/^(?:missing|malformed|bad)-signature$/.test(reason)) return undefined;
  const resolved = resolve(url, configuration);
  const kind = typeof resolved === 'object' ? otherTokenIn(url, resolved.scheme.name) : undefined;
  if (kind === undefined) return undefined;
  return [
    reasons[reason][0],
    `This URL carries a token of another kind than its scheme makes: of ${kind}.`,
    'Sign the URL: `signImage` and the middleware take that token off, and put their own in its place.',
  ];
}

function unmatchedReason(url: string, configuration: Configuration): Reason {
  const problem = nameProblemOf(url, configuration);
  if (problem !== undefined) {
    const [what, fix] = nameProblems[problem];
    return ['object-name', `The URL is under a base of the scheme, and is not signed: ${what}.`, `${fix}.`];
  }
  const resolved = resolve(url, configuration);
  if (resolved === 'unknown') {
    const spelling = URL.canParse(url) ? otherSpellingOf(new URL(url), configuration.schemes) : undefined;
    return [
      'not-a-delivery-url',
      'The URL is under no base of the scheme.',
      spelling === undefined
        ? 'Compare its beginning with `url` of the scheme.'
        : otherSpellingHint(spelling),
    ];
  }
  if (typeof resolved === 'object' || typeof resolve(inPlainSpelling(url), configuration) === 'object')
    return [
      'not-a-delivery-url',
      'The URL is under a base of the scheme, but in a spelling, or with parameters, that the scheme does not sign.',
      spellings,
    ];
  const outside = outsidePrefixes(url, configuration);
  if (outside !== undefined) return ['not-a-delivery-url', ...outside];
  return [
    'not-a-delivery-url',
    'The URL is under a base of the scheme, and the scheme does not sign it.',
    spellings,
  ];
}

/** Undefined unless `prefixes` is why a URL under a base is not signed. */
function outsidePrefixes(
  url: string,
  { schemes }: Configuration,
): readonly [message: string, fix: string] | undefined {
  const all: string[] = [];
  let path = '';
  for (const { bases, definition } of schemes) {
    const place = placeOf(url, bases);
    const { prefixes } = definition;
    if (place === undefined || prefixes === undefined) continue;
    if (matchPath(url, place, prefixes) !== undefined) return undefined;
    path = redactUrl(url.slice(place.path + 1, place.query));
    all.push(...prefixes);
  }
  if (all.length === 0) return undefined;
  const shown = all.slice(0, maxShownPrefixes).map((prefix) => `'${redactUrl(prefix)}'`);
  const more = all.length - shown.length;
  return [
    `The URL is under a base of the scheme, and not under \`prefixes\`: below the base it has '${path}', and \`prefixes\` ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
    'If this image may be signed, add its folder to `prefixes`.',
  ];
}

/** A site may list very many. */
const maxShownPrefixes = 5;

/** The path alone, without what schemes refuse in one: if that is signed, the spelling was at fault. */
function inPlainSpelling(url: string): string {
  const [head = '', path = ''] = /^((?:https?:)?\/\/[^/?#]*|)([^?#]*)/i.exec(url)?.slice(1) ?? [];
  const plain = path
    .replace(/\/tr(?::|%3a)[^/]*(?=\/)/gi, '') // ImageKit signs no transformation that shows another image
    .replace(/%[\da-f]{2}|[+^%]/gi, 'x')
    .replace(/\/{2,}/g, '/');
  return head + plain.replace(/\d$/, 'x'); // Bunny signs no path that ends with a digit
}
