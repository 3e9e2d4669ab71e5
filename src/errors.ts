/**
 * The package's only error class. A process may load two copies of the package (ESM and CommonJS), so check an error's
 * `code`, not `instanceof`.
 */

/**
 * What went wrong. Codes stay the same from version to version.
 *
 * - `INVALID_OPTION`: an option, or an argument of a call, is missing, unknown or malformed; `option` names it.
 * - `NOT_A_DELIVERY_URL`: the value isn't a delivery URL, or is spelled in a way that the store would not accept.
 * - `ACCOUNT_NOT_ALLOWED`: the image's account is not in `accountHash`.
 * - `ACCOUNT_REQUIRED`: an image id was passed, but the option `accountHash` is missing.
 * - `VARIANT_REQUIRED`: an image id was passed without a variant, or `signSrcset` has no candidates.
 * - `VARIANT_NOT_ALLOWED`: the variant is not in `variants`.
 * - `SCHEME_FAILED`: the app's own scheme returned something other than a URL under its base.
 * - `KEY_UNAVAILABLE`: the function for `key`, or for a scheme's `credentials`, has returned nothing yet; `cause` has its error, if
 *   there was one.
 */
export type ImageSignerErrorCode =
  | 'INVALID_OPTION'
  | 'NOT_A_DELIVERY_URL'
  | 'ACCOUNT_NOT_ALLOWED'
  | 'ACCOUNT_REQUIRED'
  | 'VARIANT_REQUIRED'
  | 'VARIANT_NOT_ALLOWED'
  | 'SCHEME_FAILED'
  | 'KEY_UNAVAILABLE';

/**
 * Thrown for a mistake in the program, or while there is no key, but never for input from the network. The message says what was
 * expected, what came and how to fix it, and contains no key. Check its `code`, not `instanceof`: ESM and CommonJS have
 * different classes.
 * @example
 * ```ts
 * try {
 *   signer.signImage('https://elsewhere.example/photo.jpg');
 * } catch (error) {
 *   if ((error as ImageSignerError).code !== 'NOT_A_DELIVERY_URL') throw error;
 * }
 * ```
 */
export class ImageSignerError extends Error {
  /** `'ImageSignerError'`. */
  override readonly name: string;
  /** What went wrong, for programs. */
  readonly code: ImageSignerErrorCode;
  /** For `INVALID_OPTION`: the option that is wrong, as a path such as `variants.card.ttl`. */
  readonly option: string | undefined;
  /** `503` for `KEY_UNAVAILABLE`, which error handlers of frameworks send. Absent for other codes. */
  declare readonly status?: 503;
  /** The same, for frameworks that read this name. */
  declare readonly statusCode?: 503;
  /** `Retry-After` for `KEY_UNAVAILABLE`, in seconds: the error handlers of Express, Koa and Fastify send it. */
  declare readonly headers?: Readonly<Record<'Retry-After', string>>;

  /**
   * @param code - what went wrong
   * @param message - what was expected, what came and how to fix it
   * @param option - the option that is wrong, as a path
   * @param cause - the error that caused this one
   */
  constructor(code: ImageSignerErrorCode, message: string, option?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ImageSignerError';
    this.code = code;
    this.option = option;
    // Not for other codes: a framework may read `undefined` as a status.
    if (code === 'KEY_UNAVAILABLE') Object.assign(this, { status: 503, statusCode: 503 });
  }
}

/** An app's function that has returned no secret. */
interface MissingSecret {
  /** Why, if that is known. */
  readonly failure: unknown;
  /** How long it is not called again, in seconds. */
  readonly pause: number;
}

export function keyUnavailable({ failure, pause }: MissingSecret): ImageSignerError {
  const error = new ImageSignerError(
    'KEY_UNAVAILABLE',
    'expected a key from its function, got none yet. Await signer.ready() before the first use. If the function failed, error.cause is its error.',
    undefined,
    failure,
  );
  return Object.assign(error, { headers: { 'Retry-After': String(pause) } });
}
