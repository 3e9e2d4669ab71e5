/**
 * The one error class of the package. Two copies of the package may meet in one process (ESM beside
 * CommonJS), so an error is told by its `code`, not by `instanceof`.
 */

/** What went wrong; stable, for programs. */
export type ImageSignerErrorCode =
  | 'INVALID_OPTION'
  | 'NOT_A_DELIVERY_URL'
  | 'ACCOUNT_NOT_ALLOWED'
  | 'ACCOUNT_REQUIRED'
  | 'VARIANT_REQUIRED'
  | 'VARIANT_NOT_ALLOWED';

/** Thrown at once for a mistake of the program: its message says what was expected, what came, and how to mend it. */
export class ImageSignerError extends Error {
  override readonly name: string;
  readonly code: ImageSignerErrorCode;
  /** The option that is wrong, as a path such as `variants.card.ttl`; with `INVALID_OPTION` alone. */
  readonly option: string | undefined;

  constructor(code: ImageSignerErrorCode, message: string, option?: string) {
    super(message);
    // Here, and not where it is declared: in CommonJS the build would name the class itself otherwise.
    this.name = 'ImageSignerError';
    this.code = code;
    this.option = option;
  }
}
