/**
 * Explains why a URL does not verify. It corrects one mistake after the other, and names each. It knows no framework, and
 * never throws for a URL.
 */
import type { Configuration } from '../../options/configuration.ts';
import { parseDiagnosis } from '../../options/parse.ts';
import {
  accountHashOf,
  type DeliveryMatch,
  imageIdOf,
  matchDelivery,
  queryOf,
} from '../../schemes/cloudflare-images/delivery-url.ts';
import { type CloudflareSetup, setupOf } from '../../schemes/cloudflare-images/scheme.ts';
import { serializeQuery, signedString, withoutToken } from '../../schemes/cloudflare-images/token.ts';
import type { DeliveryImage } from '../../schemes/resolved-image.ts';
import { readClockOrNaN } from '../../signer/clock.ts';
import { coreOf } from '../../signer/core.ts';
import { rename } from '../../signer/resolve.ts';
import { secretsOf } from '../../signer/secrets.ts';
import { verifyUrl } from '../../signer/verification.ts';
import { type EpochSeconds, epochSeconds } from '../../signing/expiry.ts';
import { containsKey } from '../../signing/other-macs.ts';
import { maxUrlLength } from '../../text/limits.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { minKeyLength } from '../../url/redaction.ts';
import { describe } from '../../validation/message.ts';
import { explainByReason } from './by-reason.ts';
import { partsOf, type SignedParts } from './candidate.ts';
import type { Explanation, Finding } from './explanation.ts';
import { finding } from './findings.ts';
import { imageFindings } from './image-findings.ts';
import { locate } from './locate.ts';
import { textOf } from './parameters.ts';
import { repairPastedText } from './pasted-text.ts';
import { SearchBudget } from './search.ts';
import { explainSignature } from './signature.ts';
import { durationInWords, instantInWords } from './time-words.ts';
import { readTokenParts } from './token-parts.ts';

/**
 * @param budget - of all URLs that are explained together; for one alone, its own limit is enough
 * @throws ImageSignerError INVALID_OPTION for wrong options, KEY_UNAVAILABLE if there is no key to compare with
 */
export function explain(
  url: unknown,
  options: unknown,
  budget: SearchBudget = new SearchBudget(Infinity),
): Explanation {
  const configuration = parseDiagnosis('explainUrl', options, coreOf);
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
  const scheme = schemes.find((each) => each.resolve(url) !== undefined);
  const isOfAnother = scheme !== undefined && setupOf(scheme.definition) === undefined;
  return isOfAnother ? undefined : schemes.flatMap(({ definition }) => setupOf(definition) ?? [])[0];
}

function imageOf(match: DeliveryMatch): DeliveryImage {
  return {
    url: withoutToken(match.text),
    base: match.base.text,
    accountHash: accountHashOf(match),
    id: imageIdOf(match),
    variant: match.variant,
  };
}

/** @param now - in milliseconds */
function explainDelivery(
  url: string,
  configuration: CloudflareSetup,
  ok: boolean,
  now: number,
  budget: SearchBudget,
): Explanation {
  if (hasKey(url, configuration))
    return {
      ok: false,
      findings: [
        finding('key-in-url', 'The URL contains a signing key. Whoever has the URL can sign every image.'),
      ],
    };
  const isNamed = (text: string): boolean => {
    const match = matchDelivery(text, configuration.bases);
    return typeof match === 'object' && configuration.variants.has(match.variant);
  };
  const pasted = ok ? { text: url, findings: [] } : repairPastedText(url, isNamed);
  const located = locate(pasted.text, configuration);
  const findings = [...pasted.findings, ...located.findings];
  const { match } = located;
  if (match === undefined) return { ok, findings };
  findings.push(...imageFindings(match, configuration));
  if (!located.hasReadableQuery) return { ok, image: imageOf(match), findings };
  const token = explainToken(match, configuration, epochSeconds(now), findings, budget);
  return { ok, image: imageOf(match), ...token, findings: withoutRepetitions(token.findings) };
}

function tooLong(url: string): Finding {
  return finding('url-too-long', `The URL has ${url.length} characters; servers accept some thousands.`);
}

/** The explanation repeats parts of the URL: it would show the key. A shorter one may be in it by chance. */
function hasKey(url: string, { keys }: CloudflareSetup): boolean {
  return containsKey(keys, url, minKeyLength) || containsKey(keys, percentDecode(url), minKeyLength);
}

type TokenExplanation = Pick<Explanation, 'signedText' | 'expiresAt' | 'findings'>;

function explainToken(
  match: DeliveryMatch,
  configuration: CloudflareSetup,
  now: EpochSeconds,
  before: readonly Finding[],
  budget: SearchBudget,
): TokenExplanation {
  const token = readTokenParts(queryOf(match));
  const isPublic = configuration.variants.get(match.variant)?.alwaysPublic === true;
  const hasToken = token.signatures.length > 0 || token.expiries.length > 0;
  if (isPublic) {
    const message = 'The variant is always public: it needs no token, and this URL carries one.';
    return { findings: hasToken ? [...before, finding('token-on-public-variant', message)] : before };
  }
  const findings = [...before, ...token.findings];
  const parts = partsOf(match, token, configuration);
  const { expiresAt } = token;
  if (token.signatures.length > 0) {
    const { keyIndex, findings: more } = explainSignature(parts, budget);
    findings.push(...more);
    if (keyIndex !== undefined && keyIndex > 0) {
      const message = `An older key made the signature, number ${keyIndex + 1} of the list.`;
      findings.push(finding('older-key', message));
    }
  }
  if (expiresAt === undefined) return { findings };
  const isDuration = findings.some(({ code }) => code === 'expiry-is-duration');
  const expired = isDuration ? undefined : expiryFinding(expiresAt, now);
  if (expired !== undefined) findings.push(expired);
  return { signedText: signedTextOf(parts, expiresAt, findings), expiresAt, findings };
}

/** A query that is verified is signed as it is written; any other as this package writes it. */
function signedTextOf(parts: SignedParts, expiresAt: number, findings: readonly Finding[]): string {
  const isAsWritten = findings.every(({ kind, code }) => kind === 'hint' || code === 'expired');
  if (isAsWritten) return textOf(parts.path, parts.unsigned);
  return signedString(parts.path, serializeQuery(queryOf(parts.match), expiresAt));
}

/** The steps before know nothing of each other: two of them may come upon one mistake. */
function withoutRepetitions(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }, index) => findings.findIndex((each) => each.code === code) === index);
}

/** @param now - `NaN` for a clock that cannot be trusted */
function expiryFinding(expiresAt: number, now: EpochSeconds): Finding | undefined {
  if (Number.isNaN(now)) {
    const message =
      'The clock cannot be right: it says a time of more than a day before the process began, or none.';
    return finding('untrusted-clock', message);
  }
  if (now < expiresAt) return undefined;
  const ago = durationInWords(now - expiresAt);
  return finding('expired', `The token expired ${ago} ago (${instantInWords(expiresAt)}).`);
}
