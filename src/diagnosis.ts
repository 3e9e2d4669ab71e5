/** The entry `image-signer/diagnosis`: explains why a URL is refused. It is for operators; pages do not need it. */
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
 * The options of `explainUrl`: those of a signer, or `{ signer }`. The signer may come from any entry point, since
 * `authorize` is not called.
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
 * Explains why a URL does not verify: what it names, what should have been signed, and which known mistake made the
 * signature. It is for operators: do not send the result to clients, although it shows no key and no signature. It never
 * throws because of a URL, and computes at most a few hundred signatures.
 * @param url - a signed URL, exactly as you found it
 * @param options - a signer's options, or `{ signer }`
 * @returns `ok` as from `verifyImage`; `findings` in the order in which to fix them, with `code`, `message` and `fix`
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
  return explain(url, configuration) as Explanation<ImageOf<Source>>; // the schemes of the options make these images
}
