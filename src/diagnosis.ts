/** The entry `image-signer/diagnosis`: why a URL is refused. It is for operators, and no page needs it. */
import type { CloudflareImages, ImageByKey, ImageOf, ImageSource, SignedBy } from './entry-types.ts';
import { parseDiagnosis } from './options/parse.ts';
import { coreOf } from './signer/core.ts';
import { explain } from './tools/diagnosis/explain.ts';
import type { Explanation } from './tools/diagnosis/explanation.ts';

export type {
  Explanation,
  FailureCode,
  Finding,
  FindingCode,
  HintCode,
} from './tools/diagnosis/explanation.ts';

/**
 * What `explainUrl` takes: the options of a signer, or `{ signer }`. They may be those of any entry point: `authorize` is
 * not asked.
 * @example
 * ```ts
 * const options: ExplainOptions = { signer };
 * console.log(explainUrl('https://imagedelivery.net/a/photo-1/thumb', options).findings);
 * ```
 */
export type ExplainOptions<
  Variant extends string = string,
  Source = ImageSource,
  Image = ImageByKey<Source>,
> = SignedBy<never, Variant, Source, Image>;

/**
 * Explains why a URL does not verify: what it names, what should have been signed, and, if the signature was made by a
 * recipe that is known to go wrong, by which one. It is for operators: do not send its answer to clients. It never throws
 * for a URL, whatever it is, and computes some hundred signatures at most. No key and no signature shows in what it
 * returns.
 * @param url - a signed URL, as it was found
 * @param options - a signer's options, or `{ signer }`
 * @returns `ok` as `verifyImage`; `findings` in the order in which to fix them, each with a `code`, a `message` and how
 *   to `fix` it
 * @throws ImageSignerError INVALID_OPTION, with `option`; KEY_UNAVAILABLE: await `signer.ready()` first
 * @example
 * ```ts
 * import { createSigner } from 'image-signer';
 * import { explainUrl } from 'image-signer/diagnosis';
 *
 * const signer = createSigner({ key: process.env.IMAGES_KEY, ttl: '1d', variants: ['thumb'] });
 * const { ok, findings } = explainUrl('https://imagedelivery.net/a/photo-1/thumb?exp=1790100000&sig=c8f8b26d', { signer });
 * if (!ok) for (const { code, message, fix } of findings) console.log(`${code}: ${message} ${fix}`);
 * ```
 */
export function explainUrl<const Variant extends string, Source extends ImageSource = CloudflareImages>(
  url: string,
  options: ExplainOptions<Variant, Source, ImageOf<Source>>,
): Explanation<ImageOf<Source>> {
  const configuration = parseDiagnosis('explainUrl', options, coreOf);
  return explain(url, configuration) as Explanation<ImageOf<Source>>; // the images of the schemes that the options name
}
