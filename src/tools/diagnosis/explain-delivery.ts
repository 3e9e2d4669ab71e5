/**
 * Explains why a real or intended delivery URL of Cloudflare Images does not verify. It corrects one mistake after the other,
 * and names each.
 */
import { type DeliveryMatch, matchDelivery, queryOf } from '../../schemes/cloudflare-images/delivery-url.ts';
import type { CloudflareSetup, DeliveryImage } from '../../schemes/cloudflare-images/scheme.ts';
import { serializeQuery, signedString, withoutToken } from '../../schemes/cloudflare-images/token.ts';
import { type EpochSeconds, epochSeconds } from '../../signing/expiry.ts';
import { containsKey } from '../../signing/other-macs.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { minKeyLength } from '../../url/redaction.ts';
import { asName, describe } from '../../validation/message.ts';
import { type Explanation, type Finding, finding, shown } from './explanation.ts';
import { cloudflareHost, cloudflarePath, locate } from './locate.ts';
import { repairPastedText } from './pasted-text.ts';
import { explainSignature, type SearchBudget } from './signature.ts';
import { durationInWords, instantInWords } from './time-words.ts';
import { expiryOf, partsOf, type SignedParts, tokenFindings } from './token-parts.ts';

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
  const { keys } = configuration;
  // The explanation repeats parts of the URL, and would show the key. A shorter key may be in it by chance.
  if ([url, percentDecode(url)].some((text) => containsKey(keys, text, minKeyLength))) {
    const message = 'The URL contains a signing key. Anyone with the URL can sign every image.';
    return { ok: false, findings: [finding('key-in-url', message)] };
  }
  const isNamed = (text: string): boolean => {
    const match = matchDelivery(text, configuration.bases);
    return typeof match === 'object' && configuration.variants.has(match.variant);
  };
  const pasted = ok ? { text: url, findings: [] } : repairPastedText(url, isNamed);
  const located = locate(pasted.text, configuration);
  const { match } = located;
  const spelling = [...pasted.findings, ...located.findings];
  if (match === undefined) return { ok, findings: spelling };
  const found = [...spelling, ...imageFindings(match, configuration)];
  const hasQuery = spelling.every(({ code }) => code !== 'too-many-parameters');
  const { findings, ...token } = hasQuery
    ? explainToken(partsOf(match, configuration), epochSeconds(now), found, budget)
    : { findings: found };
  // The steps are independent: two of them may find the same mistake.
  const codes = findings.map(({ code }) => code);
  return {
    ok,
    image: imageOf(match),
    ...token,
    findings: findings.filter(({ code }, at) => codes.indexOf(code) === at),
  };
}

function imageOf(match: DeliveryMatch): DeliveryImage {
  return {
    url: withoutToken(match.text),
    base: match.base.text,
    scheme: 'cloudflare-images',
    accountHash: match.accountHash,
    id: match.id,
    variant: match.variant,
  };
}

/** Checks the image of a URL against the options, and its id against Cloudflare's rules. */
function imageFindings(match: DeliveryMatch, { accounts, variants }: CloudflareSetup): Finding[] {
  const findings: Finding[] = [];
  const account = match.accountHash;
  const { variant, base } = match;
  if (accounts?.has(account) === false) findings.push(accountFinding(account, accounts));
  if (!variants.has(variant)) {
    const name = `The variant ${describe(variant, asName)}`;
    const flexible = `${name} is flexible: Cloudflare never delivers private images in it.`;
    const unlisted = `${name} is not in \`variants\`.${alikeIn(variants.keys(), variant)}`;
    const isFlexible = /[=,]/.test(variant);
    findings.push(
      isFlexible ? finding('flexible-variant', flexible) : finding('variant-not-allowed', unlisted),
    );
  }
  // Ids of private images are UUIDs ("Upload via custom path"). Another delivery may use other ids.
  const isCloudflare = base.authority === cloudflareHost || base.path.endsWith(cloudflarePath);
  if (isCloudflare && !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(match.id)) {
    const message =
      'The image id is not a UUID. Cloudflare delivers such an image to everybody: it is public.';
    findings.push(finding('custom-id', message));
  }
  return findings;
}

function accountFinding(account: string, accounts: ReadonlySet<string>): Finding {
  const message = `The account hash ${shown(account)} is not in \`accountHash\`.`;
  if (!/^[\da-f]{32}$/i.test(account))
    return finding('account-not-allowed', message + alikeIn(accounts, account));
  const fix = 'Copy the account hash from the dashboard, under Images: it has 22 characters.';
  return finding('account-not-allowed', `${message} It looks like the API's account id.`, fix);
}

/** Follows a sentence about an unknown name. */
function alikeIn(names: Iterable<string>, name: string): string {
  const alike = [...names].find((each) => each.toLowerCase() === name.toLowerCase());
  return alike === undefined ? '' : ` It differs from ${describe(alike, asName)} only in case.`;
}

function explainToken(parts: SignedParts, now: EpochSeconds, before: Finding[], budget: SearchBudget) {
  const { match, configuration } = parts;
  if (configuration.variants.get(match.variant)?.alwaysPublic === true) {
    if (parts.signatures.length === 0 && parts.expiries.length === 0) return { findings: before };
    const message = 'The variant is always public. It needs no token, but this URL has one.';
    return { findings: [...before, finding('token-on-public-variant', message)] };
  }
  const findings = [...before, ...tokenFindings(parts)];
  if (parts.signatures.length > 0) findings.push(...explainSignature(parts, budget));
  const expiresAt = expiryOf(parts);
  if (expiresAt === undefined) return { findings };
  const isDuration = findings.some(({ code }) => code === 'expiry-is-duration');
  const expired = isDuration ? undefined : expiredFinding(expiresAt, now);
  if (expired !== undefined) findings.push(expired);
  // A verified query is signed as written; any other as this package writes it.
  const isAsWritten = findings.every(({ kind, code }) => kind === 'hint' || code === 'expired');
  const signedText = isAsWritten
    ? parts.path + parts.query
    : signedString(parts.path, serializeQuery(queryOf(match), expiresAt));
  return { signedText, expiresAt, findings };
}

/** @param now - `NaN` for a clock that cannot be trusted */
function expiredFinding(expiresAt: number, now: EpochSeconds): Finding | undefined {
  if (Number.isNaN(now))
    return finding('untrusted-clock', 'The clock gives no time, or one a day before the process started.');
  if (now < expiresAt) return undefined;
  const ago = durationInWords(now - expiresAt);
  return finding('expired', `The token expired ${ago} ago (${instantInWords(expiresAt)}).`);
}
