/** The shape of an explanation, and the list of its codes. It holds no logic. */
import type { SchemeImage } from '../../schemes/definition.ts';

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
export type FailureCode =
  | 'not-a-url'
  | 'url-too-long'
  | 'key-in-url'
  | 'stray-characters'
  | 'html-escaped'
  | 'double-encoded'
  | 'second-question-mark'
  | 'not-a-delivery-url'
  | 'other-scheme'
  | 'not-under-delivery'
  | 'under-from'
  | 'local-simulator'
  | 'not-canonical'
  | 'object-name'
  | 'encoded-path'
  | 'unencoded-path'
  | 'trailing-slash'
  | 'variant-missing'
  | 'too-many-parameters'
  | 'account-not-allowed'
  | 'variant-not-allowed'
  | 'flexible-variant'
  | 'missing-signature'
  | 'missing-expiry'
  | 'duplicate-expiry'
  | 'duplicate-signature'
  | 'signature-not-last'
  | 'encoded-token'
  | 'malformed-expiry'
  | 'expiry-in-milliseconds'
  | 'expiry-is-duration'
  | 'malformed-signature'
  | 'truncated-signature'
  | 'uppercase-signature'
  | 'base64-signature'
  | 'signed-base-path'
  | 'signed-whole-url'
  | 'signed-without-query'
  | 'signed-other-separator'
  | 'signed-joined-parts'
  | 'signed-without-account'
  | 'signed-without-leading-slash'
  | 'signed-decoded-path'
  | 'signed-old-signature'
  | 'plain-hash'
  | 'other-digest'
  | 'key-hex-decoded'
  | 'key-base64-decoded'
  | 'key-with-white-space'
  | 'key-in-quotes'
  | 'parameter-added'
  | 'parameters-reordered'
  | 'parameters-reencoded'
  | 'variant-changed'
  | 'unknown-signature'
  | 'expired'
  | 'untrusted-clock';

/**
 * What is worth knowing about a URL, whether it verifies or not.
 *
 * - `older-key`: a key that is not the first of the list signed it.
 * - `custom-id`: the image id is not a UUID. Cloudflare has no private images with ids of one's own.
 * - `token-on-public-variant`: the variant is always public, and the URL carries a token all the same.
 */
export type HintCode = 'older-key' | 'custom-id' | 'token-on-public-variant';

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
