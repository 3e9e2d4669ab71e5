/** Why a URL does not verify, or cannot be signed, in the words of the command line. */
import type { ImageSignerErrorCode } from '../../errors.ts';
import type { VerificationFailure } from '../../options/events.ts';
import { nameProblems } from '../../schemes/object-name.ts';
import { coreOf } from '../../signer/core.ts';
import { nameProblemOfArgument } from '../../signer/helper-arguments.ts';
import type { Signer } from '../../signer/index.ts';

const verificationFailures: Readonly<Record<VerificationFailure, string>> = {
  'not-a-delivery-url':
    'it is under no --delivery base, or is not <base>/<account hash>/<image id>/<variant> as Cloudflare spells it; of a scheme: it is not under `url` and `prefixes`',
  'account-not-allowed': 'it is an image of another account than --account-hash',
  'variant-not-allowed': 'its variant is not among --variants',
  'missing-signature': 'it has no token',
  'malformed-signature':
    'a part of its token is missing, given twice, or not in the form and place that is expected',
  'bad-signature': 'no key of this signer made the signature, or the URL was changed after it was signed',
  expired: 'the signature is right, but its time is over',
};

/** An `INVALID_OPTION` is a mistake of the whole call, not of one image. */
const signingFailures: Readonly<Record<Exclude<ImageSignerErrorCode, 'INVALID_OPTION'>, string>> = {
  SCHEME_FAILED: 'its scheme threw, or returned something other than a URL under its base',
  NOT_A_DELIVERY_URL:
    'it is under no --delivery base, or is not <base>/<account hash>/<image id>/<variant> as Cloudflare spells it, or is an id that no path can hold; of a scheme: it is not under `url` and `prefixes`',
  ACCOUNT_NOT_ALLOWED: 'it is an image of another account than --account-hash',
  ACCOUNT_REQUIRED: "an image id needs --account-hash, the first part of your delivery URLs' path",
  VARIANT_REQUIRED: 'an image id needs --variant',
  VARIANT_NOT_ALLOWED:
    'its variant is not among --variants; add it there, or choose another one with --variant; a scheme without variants takes no --variant',
  KEY_UNAVAILABLE: 'the function `key`, or `credentials` of a scheme, has not given a key',
};

/** Why a URL does not verify. */
export function verificationFailure(reason: VerificationFailure, url: string, signer: Signer): string {
  const problem = reason === 'not-a-delivery-url' ? nameProblem(url, signer) : undefined;
  return problem ?? verificationFailures[reason];
}

/** Why a URL or an image id cannot be signed. */
export function signingFailure(
  code: Exclude<ImageSignerErrorCode, 'INVALID_OPTION'>,
  image: string,
  signer: Signer,
): string {
  const problem = code === 'NOT_A_DELIVERY_URL' ? nameProblem(image, signer) : undefined;
  return problem ?? signingFailures[code];
}

function nameProblem(image: string, signer: Signer): string | undefined {
  const problem = nameProblemOfArgument(image, coreOf(signer)!.configuration); // `createSigner` has made it
  return problem && nameProblems[problem].join('. ');
}
