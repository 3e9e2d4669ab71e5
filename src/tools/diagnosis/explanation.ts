/** The shape of an explanation, and the table of its codes with their fixes. */
import type { SchemeImage } from '../../schemes/definition.ts';
import { redactUrl } from '../../url/redaction.ts';

// Plain strings: a bundler keeps template literals, even if nothing uses them.
const failures = {
  'not-a-url': 'Pass the URL as text.',
  'url-too-long': 'Find out what made it so long: a delivery URL has a few hundred characters.',
  'key-in-url': 'Make a new key in the dashboard, and remove this one from the option `key`.',
  'stray-characters': 'Remove them where the URL is put into text.',
  'html-escaped': 'Decode the character references before the URL leaves the HTML.',
  'double-encoded': 'Percent-encode it once, or not at all: `signImage` returns an encoded URL.',
  'second-question-mark': 'If the URL has a query, add parameters with `&`, and before signing.',
  'not-a-delivery-url': 'If images are delivered there, add the beginning of the URL to `delivery`.',
  'other-scheme': 'Write `https://` before the host.',
  'not-under-delivery': 'Add the beginning of the URL to the option `delivery`.',
  'under-from': 'Sign it: `signImage` and the middleware replace this base with that of the delivery.',
  'local-simulator': 'Sign with the key of the dashboard, for example with `signImage`.',
  'not-canonical': 'Write the path as `/<account hash>/<image id>/<variant>`, as `signImage` does.',
  'object-name': 'Rename the object, or spell its name differently.',
  'encoded-path': 'Pass the plain id to `signImage`: it encodes the id as Cloudflare does.',
  'unencoded-path': 'Let `signImage` write the URL, or write the path as `new URL()` does.',
  'trailing-slash': 'Remove the slash at the end of the path.',
  'variant-missing': 'Add the variant: `/<account hash>/<image id>/<variant>`.',
  'too-many-parameters': 'Remove the parameters that the image does not need.',
  'account-not-allowed': 'Correct the account hash, or add it to the option `accountHash`.',
  'variant-not-allowed': 'Correct the variant, or add it to the option `variants`.',
  'flexible-variant': 'Create a named variant at Cloudflare, and add it to the option `variants`.',
  'missing-signature': 'Sign the URL with `signImage` or the middleware.',
  'missing-expiry':
    'Add `exp` before signing. Cloudflare accepts URLs that never expire; this package does not.',
  'duplicate-expiry': 'Remove the old `exp` before signing, with `unsignImage`.',
  'duplicate-signature': 'Remove the old `sig` before signing, with `unsignImage`.',
  'signature-not-last': 'Put `sig` at the end, after everything that is signed.',
  'encoded-token': 'Write `exp`, `sig` and their values without percent-encoding.',
  'malformed-expiry': 'Write `exp` in whole Unix seconds: `Math.floor(date.getTime() / 1000)`.',
  'expiry-in-milliseconds': 'Write and sign `exp` in seconds: divide by 1000, and round down.',
  'expiry-is-duration': 'Add the duration to the current time: `Math.floor(Date.now() / 1000) + seconds`.',
  'malformed-signature': 'Write HMAC-SHA256 as 64 lower-case hexadecimal digits.',
  'truncated-signature': 'Copy the whole URL, or widen the field that stores it.',
  'uppercase-signature': 'Write the digits in lower case.',
  'base64-signature': "Write the signature in hexadecimal: `digest('hex')`.",
  'signed-base-path': 'Remove the path before the account hash: sign `signedText` instead.',
  'signed-whole-url': 'Remove the scheme and the host: sign `signedText` instead.',
  'signed-without-query': 'Append `?exp=<expiry>` before signing. Sign `signedText` instead.',
  'signed-other-separator': 'Join path and expiry with `?exp=`. Sign `signedText` instead.',
  'signed-joined-parts': 'Sign `signedText` instead.',
  'signed-without-account':
    'Begin with the account hash, even if the URL has none. Sign `signedText` instead.',
  'signed-without-leading-slash': 'Begin with a slash. Sign `signedText` instead.',
  'signed-decoded-path': 'Sign the path exactly as it is in the URL: sign `signedText` instead.',
  'signed-old-signature': 'Remove the old `exp` and `sig` before signing, with `unsignImage`.',
  'plain-hash': 'Compute an HMAC with the key: a plain hash of a key and a text can be forged.',
  'other-digest': 'Compute the HMAC with SHA-256.',
  'key-hex-decoded': "Use the key's text, as UTF-8.",
  'key-base64-decoded': "Use the key's text, as UTF-8.",
  'key-with-white-space': 'Trim the key where the signing program reads it.',
  'key-in-quotes': 'Remove the quotes where the signing program reads the key.',
  'parameter-added': 'Add parameters before signing, or not at all.',
  'parameters-reordered': 'Keep the order of the parameters after signing. Sign `signedText` instead.',
  'parameters-reencoded': 'Send exactly the characters that were signed. Sign `signedText` instead.',
  'variant-changed': 'Sign every variant separately: `signImage(image, variant)`.',
  'unknown-signature': 'Compare the key and `signedText` with those of the program that signed.',
  expired: 'Sign the URL again. If pages live longer than their images, set a longer `ttl`.',
  'untrusted-clock': "Correct the machine's clock, or what the option `now` returns.",
};

const hints = {
  'older-key': 'Sign it again before you remove that key.',
  'custom-id': 'For a private image, use the id that Cloudflare gives it.',
  'token-on-public-variant': 'Leave the token out, so that caches can share the image.',
};

/**
 * Why a URL does not verify. `docs/errors.md` explains every code.
 *
 * - Pasting: `not-a-url`, `url-too-long`, `key-in-url`, `stray-characters`, `html-escaped`, `double-encoded`,
 *   `second-question-mark`.
 * - Its place: `not-a-delivery-url`, `other-scheme`, `not-under-delivery`, `under-from`, `local-simulator`, `not-canonical`,
 *   `object-name`, `encoded-path`, `unencoded-path`, `trailing-slash`, `variant-missing`, `too-many-parameters`.
 * - Its image: `account-not-allowed`, `variant-not-allowed`, `flexible-variant`.
 * - Its token: `missing-signature`, `missing-expiry`, `duplicate-expiry`, `duplicate-signature`, `signature-not-last`,
 *   `encoded-token`, `malformed-expiry`, `expiry-in-milliseconds`, `expiry-is-duration`, `malformed-signature`,
 *   `truncated-signature`, `uppercase-signature`, `base64-signature`.
 * - The signed text: `signed-base-path`, `signed-whole-url`, `signed-without-query`, `signed-other-separator`,
 *   `signed-joined-parts`, `signed-without-account`, `signed-without-leading-slash`, `signed-decoded-path`,
 *   `signed-old-signature`.
 * - The key or computation: `plain-hash`, `other-digest`, `key-hex-decoded`, `key-base64-decoded`, `key-with-white-space`,
 *   `key-in-quotes`.
 * - Later changes: `parameter-added`, `parameters-reordered`, `parameters-reencoded`, `variant-changed`.
 * - None of these: `unknown-signature`.
 * - Its time: `expired`, `untrusted-clock`.
 */
export type FailureCode = keyof typeof failures;

/**
 * A remark about a URL that may verify.
 *
 * - `older-key`: a key other than the first in the list signed it.
 * - `custom-id`: the image id is not a UUID. Cloudflare has no private images with custom ids.
 * - `token-on-public-variant`: the variant is always public, but the URL has a token.
 */
export type HintCode = keyof typeof hints;

/** Every code of a finding. Codes stay the same from version to version. */
export type FindingCode = FailureCode | HintCode;

/** One result of `explainUrl`. */
export interface Finding {
  /** For programs; `docs/errors.md` explains every code. */
  readonly code: FindingCode;
  /** `'failure'`: the URL does not verify because of it. `'hint'`: the URL may still verify. */
  readonly kind: 'failure' | 'hint';
  /** What is wrong, in a sentence. It has no key, no signature, and no text that could forge a log line. */
  readonly message: string;
  /** What to do about it, in a sentence. */
  readonly fix: string;
}

/**
 * What `explainUrl` returns.
 * @example
 * ```ts
 * import { type Explanation, explainUrl } from 'image-signer/diagnosis';
 *
 * const explanation: Explanation = explainUrl('https://imagedelivery.net/a/photo-1/thumb?exp=1&sig=2', { signer });
 * for (const { code, message, fix } of explanation.findings) console.log(code, message, fix);
 * ```
 */
export interface Explanation<Image extends SchemeImage = SchemeImage> {
  /** Whether the URL verifies now, exactly as written: the same as `verifyImage(url).ok`. */
  readonly ok: boolean;
  /** The image that the URL names once its spelling is fixed as `findings` say; undefined if it names none. */
  readonly image?: Image | undefined;
  /**
   * The text that must be signed, `/<account hash>/<image id>/<variant>?exp=<expiry>`; undefined if the URL names no image
   * or has no expiry.
   */
  readonly signedText?: string | undefined;
  /** The expiry of the token, in Unix seconds; undefined if the URL has none. */
  readonly expiresAt?: number | undefined;
  /** In the order in which to fix them. The URL verifies if none of them is a failure. */
  readonly findings: readonly Finding[];
}

/**
 * @param message - parts of a URL in it come from `shown`, or from a description of `validation/message.ts`: no signature,
 *   no possible key, and no invisible character
 * @param fix - instead of the code's own
 */
export function finding(code: FindingCode, message: string, fix?: string): Finding {
  const isHint = Object.hasOwn(hints, code);
  const fixes: Partial<Record<FindingCode, string>> = isHint ? hints : failures;
  return { code, kind: isHint ? 'hint' : 'failure', message, fix: fix ?? fixes[code]! };
}

/** A text of the URL in quotes, for a message: an image id, for example, but never a parameter. */
export function shown(text: string): string {
  return `'${redactUrl(text, 200)}'`;
}
