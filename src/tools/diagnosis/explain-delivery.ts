/**
 * Explains why a delivery URL of Cloudflare Images does not verify, or one that was meant to be. It corrects one mistake after
 * the other, and names each.
 */
import {
  accountHashOf,
  type DeliveryMatch,
  imageIdOf,
  matchDelivery,
  queryOf,
} from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup, DeliveryImage } from '../../schemes/cloudflare-images/scheme.ts';
import { serializeQuery, signedString, withoutToken } from '../../schemes/cloudflare-images/token.ts';
import { type EpochSeconds, epochSeconds } from '../../signing/expiry.ts';
import { containsKey } from '../../signing/other-macs.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { minKeyLength } from '../../url/redaction.ts';
import { asName, describe } from '../../validation/message.ts';
import type { Explanation, Finding } from './explanation.ts';
import { finding, shown } from './findings.ts';
import { locate } from './locate.ts';
import type { SearchBudget } from './search.ts';
import { explainSignature } from './signature.ts';
import { partsOf, readTokenParts, type SignedParts, textOf } from './signed-parts.ts';
import { repairPastedText } from './spelling.ts';
import { durationInWords, instantInWords } from './time-words.ts';

/**
 * @param ok - whether the URL verifies
 * @param now - in milliseconds; `NaN` for a clock that cannot be trusted
 */
export function explainDelivery(
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

function imageOf(match: DeliveryMatch): DeliveryImage {
  return {
    url: withoutToken(match.text),
    base: match.base.text,
    scheme: 'cloudflare-images',
    accountHash: accountHashOf(match),
    id: imageIdOf(match),
    variant: match.variant,
  };
}

/** The explanation repeats parts of the URL: it would show the key. A shorter one may be in it by chance. */
function hasKey(url: string, { keys }: CloudflareSetup): boolean {
  return containsKey(keys, url, minKeyLength) || containsKey(keys, percentDecode(url), minKeyLength);
}

/** What the option lists say of the image that a URL names, and what Cloudflare says of such ids. */
function imageFindings(match: DeliveryMatch, configuration: CloudflareSetup): Finding[] {
  return [accountFinding, variantFinding, idFinding].flatMap((find) => find(match, configuration) ?? []);
}

function accountFinding(match: DeliveryMatch, { accounts }: CloudflareSetup): Finding | undefined {
  const account = accountHashOf(match);
  if (accounts === undefined || accounts.has(account)) return undefined;
  const message = `The account hash ${shown(account)} is not in \`accountHash\`.`;
  if (/^[\da-f]{32}$/i.test(account)) {
    const fix = 'Take the account hash from the dashboard, under Images: it has 22 characters.';
    return finding('account-not-allowed', `${message} It looks like the account id of the API.`, fix);
  }
  const alike = [...accounts].some((each) => each.toLowerCase() === account.toLowerCase());
  return finding(
    'account-not-allowed',
    alike ? `${message} Only its case differs from one that is.` : message,
  );
}

function variantFinding({ variant }: DeliveryMatch, { variants }: CloudflareSetup): Finding | undefined {
  if (variants.has(variant)) return undefined;
  const name = describe(variant, asName);
  if (/[=,]/.test(variant)) {
    const message = `The variant ${name} is a flexible one, which Cloudflare never delivers of private images.`;
    return finding('flexible-variant', message);
  }
  const alike = [...variants.keys()].find((each) => each.toLowerCase() === variant.toLowerCase());
  const message = `The variant ${name} is not in \`variants\`.`;
  return finding(
    'variant-not-allowed',
    alike === undefined ? message : `${message} Only its case differs from ${describe(alike, asName)}.`,
  );
}

/** Ids of private images are UUIDs (Cloudflare Images, "Upload via custom path"). A delivery of one's own may use others. */
function idFinding(match: DeliveryMatch): Finding | undefined {
  const { base } = match;
  const isCloudflare = base.authority === 'imagedelivery.net' || base.path.endsWith('/cdn-cgi/imagedelivery');
  if (!isCloudflare || /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(imageIdOf(match))) return undefined;
  return finding(
    'custom-id',
    'The image id is not a UUID. Cloudflare has no private images with ids of your own: this one is public, with or without a token.',
  );
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
