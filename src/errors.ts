/**
 * The one error class of the package. Two copies of the package may meet in one process (ESM beside
 * CommonJS), so recognise an error by its `code`, not by `instanceof`.
 */

/**
 * What went wrong. Codes stay the same from version to version.
 *
 * - `INVALID_OPTION`: an option, or an argument of a call, is missing, unknown or malformed; `option` names it.
 * - `NOT_A_DELIVERY_URL`: what is to be signed is not a delivery URL, or spelled in a way that the store would not accept.
 * - `ACCOUNT_NOT_ALLOWED`: the image's account is not in `accountHash`.
 * - `ACCOUNT_REQUIRED`: an image id was given, and the option `accountHash` is missing.
 * - `VARIANT_REQUIRED`: an image id was given without a variant, or `signSrcset` has no candidates.
 * - `VARIANT_NOT_ALLOWED`: the variant is not in `variants`.
 * - `SCHEME_FAILED`: a scheme of the app's own returned something other than a URL under its base.
 * - `KEY_UNAVAILABLE`: `key`, or `credentials` of a scheme, is a function that has given none yet; `cause` says why, where
 *   that is known.
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
 * Thrown for a mistake of the program, or while there is no key, never for input from the network. Its message says what was expected, what was
 * given, and how to correct it; it contains no key. ESM and CommonJS have a class each: recognise it by its `code`.
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
  /** `'ImageSignerError'`, in CommonJS too, which is minified. */
  static override readonly name: string = 'ImageSignerError';
  /** `'ImageSignerError'`. */
  override readonly name: string;
  /** What went wrong, for programs. */
  readonly code: ImageSignerErrorCode;
  /** The option that is wrong, as a path such as `variants.card.ttl`; undefined for codes other than `INVALID_OPTION`. */
  readonly option: string | undefined;
  /** `503` for `KEY_UNAVAILABLE`: what error handlers of frameworks answer with. Other codes have none. */
  declare readonly status?: 503;
  /** The same, for frameworks that read this name. */
  declare readonly statusCode?: 503;
  /** `Retry-After` for `KEY_UNAVAILABLE`, in seconds: the error handlers of Express, Koa and Fastify send it. */
  declare readonly headers?: Readonly<Record<'Retry-After', string>>;

  /**
   * @param code - what went wrong
   * @param message - what was expected, what was given, how to correct it
   * @param option - the option that is wrong, as a path
   * @param cause - the error behind this one
   */
  constructor(code: ImageSignerErrorCode, message: string, option?: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    // Here, and not where it is declared: in CommonJS the build would name the class itself otherwise.
    this.name = 'ImageSignerError';
    this.code = code;
    this.option = option;
    // Not on the others, where a framework may read `undefined` as a status.
    if (code === 'KEY_UNAVAILABLE') Object.assign(this, { status: 503, statusCode: 503 });
  }
}

/** A function of the app that has given no secret. */
interface MissingSecret {
  /** Why, if that is known. */
  readonly failure: unknown;
  /** In seconds: how long it is left alone. */
  readonly pause: number;
}

export function keyUnavailable({ failure, pause }: MissingSecret): ImageSignerError {
  const error = new ImageSignerError(
    'KEY_UNAVAILABLE',
    'expected a key from the function that gives it, got none yet. Await signer.ready() before the first use; error.cause says what went wrong, if anything did.',
    undefined,
    failure,
  );
  return Object.assign(error, { headers: { 'Retry-After': String(pause) } });
}
