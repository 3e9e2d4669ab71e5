/** What `checkScheme` is given besides the scheme. It knows no law. */

/** Shorter texts are found by chance in a token. */
const minSecretLength = 8;

/** URLs to try a scheme with. */
export interface SchemeExamples {
  /**
   * URLs that the scheme signs: without a token, without a fragment, absolute or root-relative as its bases are. Take one
   * of each kind. The first is tried most thoroughly.
   */
  readonly urls: readonly string[];
  /** URLs that it must not sign, above all those that stand beside its images: other folders, other hosts. */
  readonly foreign: readonly string[];
  /**
   * The key, and whatever else must not show. Each has 8 characters at least. None may be found in a signed URL, in the
   * fingerprint, in JSON or in what an inspection of the scheme prints, not as hexadecimal digits or base64 either.
   * @default []
   */
  readonly secrets?: readonly string[] | undefined;
  /**
   * Where the random changes start from. The message of an error names it.
   * @default 1
   */
  readonly seed?: number | undefined;
}

/** @throws Error which says what was expected; it shows no secret */
export function requireExamples(examples: SchemeExamples): void {
  const { urls, foreign, secrets = [], seed = 1 } = examples ?? {};
  const hint = "Write checkScheme(scheme, { urls: ['https://…/a.jpg'], foreign: ['https://…/b.jpg'] }).";
  if (!isTexts(urls) || urls.length === 0)
    throw new Error(`checkScheme expected urls, a list of one URL at least that the scheme signs. ${hint}`);
  if (!isTexts(foreign) || foreign.length === 0)
    throw new Error(
      `checkScheme expected foreign, a list of one URL at least that it must not sign. ${hint}`,
    );
  if (!isTexts(secrets) || secrets.some((secret) => secret.length < minSecretLength))
    throw new Error(`checkScheme expected secrets of ${minSecretLength} characters at least, as texts.`);
  if (!Number.isInteger(seed)) throw new Error('checkScheme expected a whole number as seed.');
  const fragment = urls.find((url) => url.includes('#'));
  if (fragment !== undefined)
    throw new Error(
      `checkScheme expected urls without a fragment: a scheme never gets one. Mend ${fragment}`,
    );
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
