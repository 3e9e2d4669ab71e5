/**
 * Explains why a URL does not verify: one of Cloudflare Images by its mistakes (`explain-delivery.ts`), any other by the
 * reason alone. It knows no framework, and never throws for a URL.
 */
import type { Configuration } from '../../options/configuration.ts';
import type { VerificationFailure } from '../../options/events.ts';
import type { BoundScheme } from '../../schemes/bound.ts';
import { type CloudflareSetup, setupOf } from '../../schemes/cloudflare-images/scheme.ts';
import { nameProblems } from '../../schemes/object-name.ts';
import { matchPath, placeOf } from '../../schemes/url-parts.ts';
import { readClockOrNaN } from '../../signer/clock.ts';
import { secretsOf } from '../../signer/core.ts';
import { nameProblemOf, rename, resolve } from '../../signer/resolve.ts';
import { verifyUrl } from '../../signer/verification.ts';
import { epochSeconds } from '../../signing/expiry.ts';
import { maxUrlLength } from '../../text/limits.ts';
import { redactUrl } from '../../url/redaction.ts';
import { describe } from '../../validation/message.ts';
import { explainDelivery } from './explain-delivery.ts';
import { type Explanation, type FailureCode, finding } from './explanation.ts';
import type { SearchBudget } from './signature.ts';
import { comparisonAt, otherSpellingHint, otherTokenIn } from './stores.ts';

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
  'bad-signature': ['unknown-signature', 'The key has not made its signature, or the URL was changed later.'],
  expired: ['expired', 'Its signature is right, and its time is over.'],
};

/**
 * @param budget - of all URLs that are explained together; for one alone, its own limit is enough
 * @throws ImageSignerError KEY_UNAVAILABLE if there is no key to compare with
 */
export function explain(
  url: unknown,
  configuration: Configuration,
  budget: SearchBudget = { left: Infinity },
): Explanation {
  const now = readClockOrNaN(configuration);
  secretsOf(configuration)?.require(epochSeconds(now));
  if (typeof url !== 'string') return failure(['not-a-url', `Expected a URL as text, got ${describe(url)}.`]);
  if (url.length > maxUrlLength)
    return failure(['url-too-long', `The URL has ${url.length} characters; servers accept some thousands.`]);
  const renamed = rename(url, configuration);
  const explanation = explainText(renamed ?? url, configuration, now, budget);
  if (renamed === undefined) return explanation;
  const message =
    'The URL is under a base of `from`, where images are stored. The rest is said of its new URL.';
  return { ...explanation, ok: false, findings: [finding('under-from', message), ...explanation.findings] };
}

function failure([code, message, fix]: Reason): Explanation {
  return { ok: false, findings: [finding(code, message, fix)] };
}

function explainText(url: string, configuration: Configuration, now: number, budget: SearchBudget) {
  const verification = verifyUrl(url, configuration, now);
  const setup = setupFor(url, configuration);
  if (setup !== undefined) return explainDelivery(url, setup, verification.ok, now, budget);
  if (!verification.ok) return failure(reasonOf(url, verification.reason, configuration));
  const { image } = verification;
  const expiry = 'expiresAt' in verification ? { expiresAt: verification.expiresAt } : {};
  return { ok: true, image, ...expiry, findings: [] };
}

/** Of Cloudflare Images, unless another scheme of a list has the URL. */
function setupFor(url: string, { schemes }: Configuration): CloudflareSetup | undefined {
  const owner =
    schemes.find((each) => each.signs(url)) ?? schemes.find((each) => each.resolve(url) !== undefined);
  const possible = owner === undefined ? schemes : [owner];
  return possible.flatMap(({ definition }) => setupOf(definition) ?? [])[0];
}

function reasonOf(url: string, reason: VerificationFailure, configuration: Configuration): Reason {
  if (reason === 'not-a-delivery-url') return unmatchedReason(url, configuration);
  const [code, message] = reasons[reason];
  const resolved = resolve(url, configuration);
  if (typeof resolved !== 'object' || !/signature$/.test(code)) return reasons[reason];
  const { name, canVerify } = resolved.scheme;
  const kind = otherTokenIn(url, name);
  if (kind !== undefined) {
    return [
      code,
      `This URL carries a token of another kind than its scheme makes: of ${kind}.`,
      'Sign the URL: `signImage` and the middleware take that token off, and put their own in its place.',
    ];
  }
  if (code !== 'unknown-signature') return reasons[reason];
  const unverified = 'The scheme signs and does not verify: of no URL can the signature be judged.';
  return [code, canVerify ? message : unverified, comparisonAt(name)];
}

function unmatchedReason(url: string, configuration: Configuration): Reason {
  const problem = nameProblemOf(url, configuration);
  if (problem !== undefined) {
    const [what, fix] = nameProblems[problem];
    return ['object-name', `The URL is under a base of the scheme, and is not signed: ${what}.`, `${fix}.`];
  }
  const { schemes } = configuration;
  if (resolve(url, configuration) !== 'unknown') {
    return (
      outsidePrefixes(url, schemes) ?? [
        'not-a-delivery-url',
        'The URL is under a base of the scheme, but in a spelling, or with parameters, that it does not sign.',
        'The page of the scheme in https://github.com/image-signer/image-signer/tree/main/docs/schemes says which.',
      ]
    );
  }
  const hint = URL.canParse(url) ? otherSpellingHint(new URL(url), schemes) : undefined;
  const fix = hint ?? 'Compare its beginning with `url` of the scheme.';
  return ['not-a-delivery-url', 'The URL is under no base of the scheme.', fix];
}

/** Undefined unless `prefixes` is why a URL under a base is not signed. */
function outsidePrefixes(url: string, schemes: readonly BoundScheme[]): Reason | undefined {
  let path: string | undefined;
  for (const { bases, definition } of schemes) {
    const place = placeOf(url, bases);
    if (place === undefined || definition.prefixes === undefined) continue;
    if (matchPath(url, place, definition.prefixes) !== undefined) return undefined;
    path = redactUrl(url.slice(place.path + 1, place.query));
  }
  if (path === undefined) return undefined;
  return [
    'not-a-delivery-url',
    `The URL is under a base of the scheme, and not under \`prefixes\`: below the base it has '${path}'.`,
    'If this image may be signed, add its folder to `prefixes`.',
  ];
}
