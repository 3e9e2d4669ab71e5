/** Says why a URL does not verify, or cannot be signed, in the words of the command line. */
import type { ImageSignerErrorCode } from '../../errors.ts';
import type { Configuration } from '../../options/configuration.ts';
import type { VerificationFailure } from '../../options/events.ts';
import { storesOf } from '../../options/warnings.ts';
import { nameProblems } from '../../schemes/object-name.ts';
import { coreOf } from '../../signer/core.ts';
import { nameProblemOfArgument } from '../../signer/helper-arguments.ts';
import type { Signer } from '../../signer/index.ts';

const verificationFailures: Readonly<Record<Exclude<VerificationFailure, 'not-a-delivery-url'>, string>> = {
  'account-not-allowed': 'its account is not that of --account-hash',
  'variant-not-allowed': 'its variant is not among --variants',
  'missing-signature': 'it has no token',
  'malformed-signature': 'part of its token is missing, duplicated, malformed or misplaced',
  'bad-signature': 'no key of this signer made the signature, or the URL changed after signing',
  expired: 'the signature is correct, but has expired',
};

/** `INVALID_OPTION` is a mistake in the whole call, not in one image. */
type SigningFailure = Exclude<ImageSignerErrorCode, 'INVALID_OPTION'>;

const signingFailures: Readonly<Record<Exclude<SigningFailure, 'NOT_A_DELIVERY_URL'>, string>> = {
  SCHEME_FAILED: 'its scheme threw, or returned something other than a URL under its base',
  ACCOUNT_NOT_ALLOWED: 'its account is not that of --account-hash',
  ACCOUNT_REQUIRED: "an image id needs --account-hash, the first part of your delivery URLs' path",
  VARIANT_REQUIRED: 'an image id needs --variant',
  VARIANT_NOT_ALLOWED:
    'its variant is not among --variants; add it there, or choose another one with --variant',
  KEY_UNAVAILABLE: 'the key function returned no key',
};

/** For images without variants. */
const noVariants = 'its store has no variants: leave --variant out';

/** Why a URL does not verify. */
export function verificationFailure(reason: VerificationFailure, url: string, signer: Signer): string {
  if (reason !== 'not-a-delivery-url') return verificationFailures[reason];
  return nameProblem(url, signer) ?? unknownPlace(signer);
}

/** Why a URL or an image id cannot be signed. */
export function signingFailure(code: SigningFailure, image: string, signer: Signer): string {
  if (code === 'NOT_A_DELIVERY_URL')
    return nameProblem(image, signer) ?? `${unknownPlace(signer)}; or no path can hold this id`;
  const { variants } = configurationOf(signer);
  return code === 'VARIANT_NOT_ALLOWED' && variants.size === 0 ? noVariants : signingFailures[code];
}

/** In the terms of the signer's stores. */
function unknownPlace(signer: Signer): string {
  const { schemes } = configurationOf(signer);
  const { hasCloudflareImages, hasOthers } = storesOf(schemes.map(({ definition }) => definition));
  const delivery =
    'it is under no --delivery base, or is not <base>/<account hash>/<image id>/<variant> as Cloudflare spells it';
  const others = 'it is not under `url` and `prefixes` of the scheme, or its spelling is never signed';
  if (!hasOthers) return delivery;
  return hasCloudflareImages ? `${delivery}; of another store: ${others}` : others;
}

function nameProblem(image: string, signer: Signer): string | undefined {
  const problem = nameProblemOfArgument(image, configurationOf(signer));
  return problem && nameProblems[problem].join('. ');
}

function configurationOf(signer: Signer): Configuration {
  return coreOf(signer)!.configuration; // `createSigner` has made it
}
