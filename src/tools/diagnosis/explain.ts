/**
 * Explains why a URL does not verify: for Cloudflare Images by its mistakes (`explain-delivery.ts`), for other schemes only by
 * the reason. It knows no framework, and never throws because of a URL.
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
    'Its token is not in the form that the scheme writes.',
    'Copy the whole URL, and compare it with what `signImage` returns for the same image.',
  ],
  'bad-signature': ['unknown-signature', 'Another key made its signature, or the URL changed after signing.'],
  expired: ['expired', 'Its signature is correct, but has expired.'],
};

/**
 * @param budget - shared by all URLs that are explained together; a single URL has its own limit
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
    return failure(['url-too-long', `The URL has ${url.length} characters; servers accept a few thousand.`]);
  const renamed = rename(url, configuration);
  const explanation = explainText(renamed ?? url, configuration, now, budget);
  if (renamed === undefined) return explanation;
  const message =
    'The URL is under a base of `from`, where images are stored. Other findings are about its new URL.';
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

/** The setup of Cloudflare Images, unless another scheme of a list has the URL. */
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
      `The scheme does not make this kind of token: ${kind}.`,
      'Sign the URL: `signImage` and the middleware replace that token with their own.',
    ];
  }
  if (code !== 'unknown-signature') return reasons[reason];
  const unverified = 'The scheme cannot verify: no signature of it can be checked.';
  return [code, canVerify ? message : unverified, comparisonAt(name)];
}

function unmatchedReason(url: string, configuration: Configuration): Reason {
  const problem = nameProblemOf(url, configuration);
  if (problem !== undefined) {
    const [what, fix] = nameProblems[problem];
    return ['object-name', `The URL is under a base of the scheme, but is never signed: ${what}.`, `${fix}.`];
  }
  const { schemes } = configuration;
  if (resolve(url, configuration) !== 'unknown') {
    return (
      outsidePrefixes(url, schemes) ?? [
        'not-a-delivery-url',
        'The URL is under a base of the scheme, but the scheme never signs its spelling or its parameters.',
        'See the page of the scheme in https://github.com/image-signer/image-signer/tree/main/docs/schemes.',
      ]
    );
  }
  const hint = URL.canParse(url) ? otherSpellingHint(new URL(url), schemes) : undefined;
  const fix = hint ?? 'Compare its beginning with `url` of the scheme.';
  return ['not-a-delivery-url', 'The URL is under no base of the scheme.', fix];
}

/** Undefined unless `prefixes` keeps a URL under a base from being signed. */
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
    `The URL is under a base of the scheme, but '${path}' is outside \`prefixes\`.`,
    'If this image may be signed, add its folder to `prefixes`.',
  ];
}
