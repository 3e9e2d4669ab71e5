/** Explains a URL of a scheme other than Cloudflare Images: by the reason alone, since only there mistakes are known. */
import type { Configuration } from '../../options/configuration.ts';
import type { VerificationFailure } from '../../options/events.ts';
import { nameProblems } from '../../schemes/object-name.ts';
import { nameProblemOf, resolve } from '../../signer/resolve.ts';
import type { Verification } from '../../signer/verification.ts';
import { otherSpellingHint, otherSpellingOf } from './bucket-spelling.ts';
import type { Explanation, FailureCode } from './explanation.ts';
import { finding } from './findings.ts';
import { otherTokenIn } from './other-token.ts';

type Reason = readonly [code: FailureCode, message: string, mend?: string];

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
    'The key of the scheme has not made its signature, or the URL was changed after that. Of a scheme that cannot verify, such as cloudflareWaf, this is said of every URL.',
    'Compare the key with that of the program that signed, and the URL with the one that it signed, parameters included.',
  ],
  expired: ['expired', 'Its signature is right, and its time is over.'],
};

export function explainByReason(
  url: string,
  verification: Verification,
  configuration: Configuration,
): Explanation {
  if (!verification.ok) {
    const { reason } = verification;
    const [code, message, mend] =
      reason === 'not-a-delivery-url'
        ? unmatchedReason(url, configuration)
        : (otherTokenReason(url, reason, configuration) ?? reasons[reason]);
    return { ok: false, findings: [finding(code, message, mend)] };
  }
  const { image } = verification;
  return 'expiresAt' in verification
    ? { ok: true, image, expiresAt: verification.expiresAt, findings: [] }
    : { ok: true, image, findings: [] };
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

const spellings =
  'Some spellings are never signed, so that a token opens one image alone: the page of the scheme in https://github.com/image-signer/image-signer/tree/main/docs/schemes says which.';

function unmatchedReason(url: string, configuration: Configuration): Reason {
  const problem = nameProblemOf(url, configuration);
  if (problem !== undefined) {
    const [what, mend] = nameProblems[problem];
    return ['object-name', `The URL is under a base of the scheme, and is not signed: ${what}.`, `${mend}.`];
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
  return [
    'not-a-delivery-url',
    'The URL is under a base of the scheme, and the scheme does not sign it: it is not under `prefixes`, most likely.',
    `Compare it with \`prefixes\` of the scheme. ${spellings}`,
  ];
}

/** The path alone, without what schemes refuse in one: if that is signed, the spelling was at fault. */
function inPlainSpelling(url: string): string {
  const [head = '', path = ''] = /^((?:https?:)?\/\/[^/?#]*|)([^?#]*)/i.exec(url)?.slice(1) ?? [];
  const plain = path.replace(/%[\da-f]{2}|[+^%]/gi, 'x').replace(/\/{2,}/g, '/');
  return head + plain.replace(/\d$/, 'x'); // Bunny signs no path that ends with a digit
}
