/** The shape of an explanation, and the table of its codes, with the way to fix each. */
import type { SchemeImage } from '../../schemes/definition.ts';
import { redactUrl } from '../../url/redaction.ts';

// Plain strings: a bundler keeps template literals, even if nothing uses them.
const failures = {
  'not-a-url': 'Pass the URL as text.',
  'url-too-long': 'Look for what made it so long: a delivery URL has some hundred characters.',
  'key-in-url': 'Make a new key in the dashboard, and take this one out of the option `key`.',
  'stray-characters': 'Take them off where the URL is put into text.',
  'html-escaped': 'Decode the character references before the URL leaves the HTML.',
  'double-encoded': 'Percent-encode it once, or not at all: what `signImage` returns is encoded already.',
  'second-question-mark': 'Add parameters with `&` if the URL has a query, and before it is signed.',
  'not-a-delivery-url': 'Add the beginning of the URL to `delivery`, if images are delivered there.',
  'other-scheme': 'Write `https://` before the host.',
  'not-under-delivery': 'Add the beginning of the URL to the option `delivery`.',
  'under-from': 'Sign it: `signImage` and the middleware put the base of the delivery in its place.',
  'local-simulator': 'Sign for Cloudflare with the key of the dashboard: `signImage` does.',
  'not-canonical': 'Write the path as `/<account hash>/<image id>/<variant>`, as `signImage` does.',
  'object-name': 'Rename the object, or write its name in another way.',
  'encoded-path': 'Pass the plain id to `signImage`: it encodes what has to be encoded.',
  'unencoded-path': 'Write the path as `URL` does. Let `signImage` write the URL.',
  'trailing-slash': 'Take the slash off the end of the path.',
  'variant-missing': 'Add the variant: `/<account hash>/<image id>/<variant>`.',
  'too-many-parameters': 'Take out the parameters that the image does not need.',
  'account-not-allowed': 'Correct the account hash, or add it to the option `accountHash`.',
  'variant-not-allowed': 'Correct the variant, or add it to the option `variants`.',
  'flexible-variant': 'Create a named variant at Cloudflare, and add it to the option `variants`.',
  'missing-signature': 'Sign the URL: with `signImage`, or by the middleware.',
  'missing-expiry':
    'Add `exp` before signing. Cloudflare accepts URLs that never expire; this package does not.',
  'duplicate-expiry': 'Remove an old `exp` before signing: `unsignImage` does.',
  'duplicate-signature': 'Remove an old `sig` before signing: `unsignImage` does.',
  'signature-not-last': 'Put `sig` at the end, after all that is signed.',
  'encoded-token': 'Write `exp`, `sig` and their values without percent-encoding.',
  'malformed-expiry': 'Write `exp` in whole Unix seconds: `Math.floor(date.getTime() / 1000)`.',
  'expiry-in-milliseconds': 'Write and sign `exp` in seconds: divide by 1000, and round down.',
  'expiry-is-duration': 'Add the duration to the present: `Math.floor(Date.now() / 1000) + seconds`.',
  'malformed-signature': 'Write HMAC-SHA256 as 64 lower-case hexadecimal digits.',
  'truncated-signature': 'Copy the whole URL, or widen the field that stores it.',
  'uppercase-signature': 'Write the digits in lower case.',
  'base64-signature': "Write the signature in hexadecimal: `digest('hex')`.",
  'signed-base-path': 'Take off what stands before the account hash. Sign `signedText` instead.',
  'signed-whole-url': 'Take off the scheme and the host. Sign `signedText` instead.',
  'signed-without-query': 'Append `?exp=<expiry>` before signing. Sign `signedText` instead.',
  'signed-other-separator': 'Join path and expiry by `?exp=`. Sign `signedText` instead.',
  'signed-joined-parts': 'Sign `signedText` instead.',
  'signed-without-account':
    'Begin with the account hash, even if the URL has none. Sign `signedText` instead.',
  'signed-without-leading-slash': 'Begin with a slash. Sign `signedText` instead.',
  'signed-decoded-path': 'Sign the path as it is in the URL. Sign `signedText` instead.',
  'signed-old-signature': 'Remove an old `exp` and `sig` before signing: `unsignImage` does.',
  'plain-hash': 'Compute an HMAC with the key: a plain hash of a key and a text can be forged.',
  'other-digest': 'Compute the HMAC with SHA-256.',
  'key-hex-decoded': "Use the key's text, as UTF-8.",
  'key-base64-decoded': "Use the key's text, as UTF-8.",
  'key-with-white-space': 'Trim the key where the signing program reads it.',
  'key-in-quotes': 'Take the quotes off the key where the signing program reads it.',
  'parameter-added': 'Add parameters before signing, or not at all.',
  'parameters-reordered': 'Keep the order of the parameters after signing. Sign `signedText` instead.',
  'parameters-reencoded': 'Send exactly the characters that were signed. Sign `signedText` instead.',
  'variant-changed': 'Sign each variant for itself: `signImage(image, variant)`.',
  'unknown-signature': 'Compare the key and `signedText` with those of the program that signed.',
  expired: 'Sign the URL again. If pages live longer than their images, set a longer `ttl`.',
  'untrusted-clock': "Correct the machine's clock, or what the option `now` returns.",
};

const hints = {
  'older-key': 'Sign it again before that key is taken out of the list.',
  'custom-id': 'For a private image, use the id that Cloudflare gives it.',
  'token-on-public-variant': 'Leave the token out, so that caches can share the image.',
};

/**
 * Why a URL does not verify. `docs/errors.md` has a section for each.
 *
 * - How it was pasted: `not-a-url`, `url-too-long`, `key-in-url`, `stray-characters`, `html-escaped`, `double-encoded`,
 *   `second-question-mark`.
 * - Where it is: `not-a-delivery-url`, `other-scheme`, `not-under-delivery`, `under-from`, `local-simulator`, `not-canonical`,
 *   `object-name`, `encoded-path`, `unencoded-path`, `trailing-slash`, `variant-missing`, `too-many-parameters`.
 * - What it names: `account-not-allowed`, `variant-not-allowed`, `flexible-variant`.
 * - Its token: `missing-signature`, `missing-expiry`, `duplicate-expiry`, `duplicate-signature`, `signature-not-last`,
 *   `encoded-token`, `malformed-expiry`, `expiry-in-milliseconds`, `expiry-is-duration`, `malformed-signature`,
 *   `truncated-signature`, `uppercase-signature`, `base64-signature`.
 * - What was signed: `signed-base-path`, `signed-whole-url`, `signed-without-query`, `signed-other-separator`,
 *   `signed-joined-parts`, `signed-without-account`, `signed-without-leading-slash`, `signed-decoded-path`,
 *   `signed-old-signature`.
 * - How it was signed: `plain-hash`, `other-digest`, `key-hex-decoded`, `key-base64-decoded`, `key-with-white-space`,
 *   `key-in-quotes`.
 * - What changed after that: `parameter-added`, `parameters-reordered`, `parameters-reencoded`, `variant-changed`.
 * - Nothing of these: `unknown-signature`.
 * - Its time: `expired`, `untrusted-clock`.
 */
export type FailureCode = keyof typeof failures;

/**
 * What is worth knowing about a URL, whether it verifies or not.
 *
 * - `older-key`: a key that is not the first of the list signed it.
 * - `custom-id`: the image id is not a UUID. Cloudflare has no private images with ids of one's own.
 * - `token-on-public-variant`: the variant is always public, and the URL carries a token all the same.
 */
export type HintCode = keyof typeof hints;

/** Every code that a finding can have. Codes stay the same from version to version. */
export type FindingCode = FailureCode | HintCode;

/** One thing that `explainUrl` found out about a URL. */
export interface Finding {
  /** What it is, for programs; `docs/errors.md` has a section for each code. */
  readonly code: FindingCode;
  /** `'failure'`: the URL does not verify because of it. `'hint'`: the URL may verify all the same. */
  readonly kind: 'failure' | 'hint';
  /** What is wrong, in a sentence. It contains no key, no signature, and no text that could forge a line of a log. */
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
  /** Whether the URL verifies now, as it is written: the same as `verifyImage(url).ok`. */
  readonly ok: boolean;
  /** What the URL names, once what `findings` says of its spelling is fixed; undefined if it names no image. */
  readonly image?: Image | undefined;
  /**
   * The text that the signature has to be computed over, `/<account hash>/<image id>/<variant>?exp=<expiry>`; undefined
   * if the URL names no image or has no expiry.
   */
  readonly signedText?: string | undefined;
  /** When the token expires, in Unix seconds; undefined if the URL does not say so. */
  readonly expiresAt?: number | undefined;
  /** In the order in which to fix them. Without a failure among them, the URL verifies. */
  readonly findings: readonly Finding[];
}

/**
 * @param message - what it shows of a URL has passed `shown`, or a description of `validation/message.ts`: no signature,
 *   nothing that may be a key, and no invisible character
 * @param fix - in the place of the code's own
 */
export function finding(code: FindingCode, message: string, fix?: string): Finding {
  const isHint = Object.hasOwn(hints, code);
  const fixes: Partial<Record<FindingCode, string>> = isHint ? hints : failures;
  return { code, kind: isHint ? 'hint' : 'failure', message, fix: fix ?? fixes[code]! };
}

/** A text of the URL in quotes, for a message; it may be an image id, but no parameter. */
export function shown(text: string): string {
  return `'${redactUrl(text, 200)}'`;
}
