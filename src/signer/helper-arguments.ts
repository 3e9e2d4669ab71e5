/**
 * Resolves the arguments of a helper (a URL or an image id, and maybe a variant) to an image that may be signed. It throws
 * for anything else, and says how to fix the call.
 */
import { ImageSignerError } from '../errors.ts';
import type { Configuration } from '../options/configuration.ts';
import type { BoundScheme, ResolvedImage } from '../schemes/bound.ts';
import type { Variants } from '../schemes/definition.ts';
import { type NameProblem, nameProblems } from '../schemes/object-name.ts';
import type { Variant } from '../schemes/resolved-image.ts';
import { maxUrlLength } from '../text/limits.ts';
import { isAbsolute } from '../url/canonical.ts';
import { redactUrl } from '../url/redaction.ts';
import { asName, describe, printableName } from '../validation/message.ts';
import { nameProblemOf, ownerOf, resolve } from './resolve.ts';
import type { CallName } from './sign-options.ts';

/** How much of a URL a message shows. */
const maxShownUrl = 256;

export class HelperArguments {
  readonly #configuration: Configuration;
  readonly #hasVariants: boolean;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#hasVariants = configuration.variants.size > 0;
  }

  /** @throws ImageSignerError */
  resolve(image: unknown, variant: unknown, call: CallName): ResolvedImage {
    // First, so that a template mistake throws whatever the data is.
    if (variant !== undefined) this.#checkVariant(variant, image, call);
    if (typeof image !== 'string') throw notADeliveryUrl(call, image, 'which is not a string');
    const text = isUrl(image) ? this.#replaceVariant(image, variant) : this.#urlOfId(image, variant, call);
    const resolved = resolve(text, this.#configuration);
    if (typeof resolved === 'object') {
      // In a list of schemes, a variant of one would be lost on an image of another.
      if (variant !== undefined && !resolved.scheme.hasVariants)
        throw noVariants(call, `${resolved.scheme.name} has none`, variant);
      return resolved;
    }
    if (resolved === 'account-not-allowed') {
      throw new ImageSignerError(
        'ACCOUNT_NOT_ALLOWED',
        `${call} expected an image of an account in \`accountHash\`, got ${quoted(image)}. Add the account, or leave the URL unsigned.`,
      );
    }
    if (resolved === 'variant-not-allowed') {
      throw new ImageSignerError(
        'VARIANT_NOT_ALLOWED',
        `${call} expected one of the variants ${this.#variantNamesFor(text)} in the URL, got ${this.#variantOf(text)}. Add the variant to \`variants\`, or pass one of them as the second argument.`,
      );
    }
    if (resolved === 'scheme-failed') {
      throw new ImageSignerError(
        'SCHEME_FAILED',
        `${call} expected the scheme to return { id } or undefined from \`match\`, a URL under the same base from \`strip\`, and the same names from \`respell\`, got something else for ${quoted(image)}. Test the scheme with checkScheme() of image-signer/testing.`,
      );
    }
    const problem = nameProblemOf(text, this.#configuration);
    if (problem !== undefined) {
      const [what, fix] = nameProblems[problem];
      throw notADeliveryUrl(call, image, `which is not signed: ${what}. ${fix}`);
    }
    throw notADeliveryUrl(
      call,
      image,
      !this.#hasVariants || this.#configuration.schemes.length > 1
        ? 'which no scheme signs. A URL must begin with the `url` of a scheme, and an id with one of its `prefixes`, without a leading slash'
        : 'which is under no base of `delivery`, or is not <base>/<account hash>/<image id>/<variant> in its one spelling',
    );
  }

  #checkVariant(variant: unknown, image: unknown, call: CallName): asserts variant is string {
    if (!this.#hasVariants) {
      throw noVariants(call, 'the scheme has none', variant);
    }
    if (typeof variant === 'string' && this.#configuration.variants.has(variant)) return;
    if (typeof variant === 'object')
      throw new ImageSignerError(
        'VARIANT_NOT_ALLOWED',
        `${call} expected a variant, got ${describe(variant)}. The images have variants, so options are the third argument: signImage(image, undefined, { ttl: '5m' }).`,
      );
    const isId = typeof image === 'string' && !isUrl(image); // which has no variant of its own
    const hint =
      call === 'signImage'
        ? isId
          ? 'pass one of these'
          : "leave it out to keep the URL's own"
        : 'remove the candidate';
    throw new ImageSignerError(
      'VARIANT_NOT_ALLOWED',
      `${call} expected one of the variants ${this.#variantNames}, got ${describe(variant, asName)}. Add the variant to \`variants\`, or ${hint}.`,
    );
  }

  get #variantNames(): string {
    return namesOf(this.#configuration.variants);
  }

  /** In a list of schemes, the names of the one that has the URL. */
  #variantNamesFor(url: string): string {
    return namesOf(ownerOf(url, this.#configuration)?.variants ?? this.#configuration.variants);
  }

  /** Any scheme with variants that has the URL. A variant for an image of another scheme is refused later. */
  #withVariants(url: string): Variants | undefined {
    const { schemes } = this.#configuration;
    return schemes.find((each) => each.hasVariants && each.unsign(url) !== undefined)?.definition.variants;
  }

  #variantOf(url: string): string {
    const name = this.#withVariants(url)?.nameIn(url);
    return name === undefined ? 'another' : describe(name, asName);
  }

  #replaceVariant(url: string, variant: string | undefined): string {
    return variant === undefined ? url : (this.#withVariants(url)?.replace(url, variant) ?? url);
  }

  #urlOfId(id: string, variant: string | undefined, call: CallName): string {
    if (id === '' || id.length > maxUrlLength) throw notADeliveryUrl(call, id, notAnId);
    const scheme = this.#ownerOfId(id, variant);
    const url = urlIn(scheme, id, variant);
    if (url === 'account-required') {
      throw new ImageSignerError(
        'ACCOUNT_REQUIRED',
        `${call} with an image id needs the option \`accountHash\`. Set it, or pass a delivery URL.`,
      );
    }
    if (url === 'variant-required') {
      throw new ImageSignerError(
        'VARIANT_REQUIRED',
        `${call} with an image id needs a variant as the second argument.`,
      );
    }
    if (url !== undefined) return url;
    if (isNoId(scheme, id)) throw notADeliveryUrl(call, id, notAnId);
    const why = scheme.hasVariants
      ? 'which a path cannot hold: it has an empty or dot segment, a backslash, ?, #, ^ or a control character, or is already percent-encoded'
      : 'which is not valid Unicode: it has half a surrogate pair';
    throw notADeliveryUrl(call, id, why);
  }

  /** The first scheme that signs the image; the first of all if none does. */
  #ownerOfId(id: string, variant: string | undefined): BoundScheme {
    const { schemes } = this.#configuration;
    if (schemes.length === 1) return schemes[0]!;
    const able = variant === undefined ? schemes : schemes.filter(({ hasVariants }) => hasVariants);
    const signs = (scheme: BoundScheme) => scheme.signs(urlIn(scheme, id, variant) ?? '');
    return able.find(signs) ?? able[0]!; // `#checkVariant` has found a scheme with the variant
  }

  /** The variants for an image without candidates: those of the first scheme that signs it in one of them. */
  variantsFor(image: unknown): ReadonlyMap<string, Variant> {
    const { schemes, variants } = this.#configuration;
    const owner =
      typeof image !== 'string' || schemes.length === 1
        ? undefined
        : schemes.find((scheme) =>
            [...scheme.variants.keys()].some((name) =>
              scheme.signs(
                isUrl(image) ? this.#replaceVariant(image, name) : (urlIn(scheme, image, name) ?? ''),
              ),
            ),
          );
    return owner?.variants ?? variants;
  }
}

const notAnId = 'which is not an image id';

function isNoId({ hasVariants }: BoundScheme, id: string): boolean {
  return hasVariants ? isAbsolute(id) : isUrlWithoutHost(id);
}

/** The URL of an image id in a scheme, signed or not, or what it lacks; undefined if it names no image. */
function urlIn(scheme: BoundScheme, id: string, variant: string | undefined): string | undefined {
  if (isNoId(scheme, id)) return undefined;
  const { variants } = scheme.definition;
  return variants === undefined ? scheme.urlOfId(id) : variants.urlOf(id, variant);
}

function namesOf(variants: ReadonlyMap<string, unknown>): string {
  return [...variants.keys()].map(printableName).join(', ');
}

/** Why a URL or an image id is not signed, if the object's name is the reason. */
export function nameProblemOfArgument(
  image: string,
  configuration: Pick<Configuration, 'schemes'>,
): NameProblem | undefined {
  const url = isUrl(image) ? image : configuration.schemes[0]?.urlOfId(image);
  return url === undefined ? undefined : nameProblemOf(url, configuration);
}

/** A delivery URL contains `://` or begins with `/`; any other text is an image id. */
export function isUrl(image: string): boolean {
  return image.includes('://') || image.startsWith('/');
}

/** A view may pass one: it must not become an object's name. */
function isUrlWithoutHost(text: string): boolean {
  return /^(?:https?|wss?|ftp|file|data|blob):/i.test(text);
}

function noVariants(call: CallName, why: string, variant: unknown): ImageSignerError {
  return new ImageSignerError(
    'VARIANT_NOT_ALLOWED',
    `${call} expected no variant, since ${why}, got ${describe(variant, asName)}. Remove it, or pass options instead.`,
  );
}

export function notADeliveryUrl(call: CallName, image: unknown, why: string): ImageSignerError {
  const got = typeof image === 'string' ? quoted(image) : describe(image);
  return new ImageSignerError(
    'NOT_A_DELIVERY_URL',
    `${call} expected a delivery URL or an image id, got ${got}, ${why}.`,
  );
}

function quoted(url: string): string {
  return `'${redactUrl(url, maxShownUrl)}'`;
}
