/**
 * Resolves what a helper is called with, a URL or an image id and maybe a variant, to an image that may be signed. It
 * throws for anything else, and says how to fix the call.
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

/** A message shows no more of a URL. */
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
    // First, so that a mistake in a template throws whatever the data is.
    if (variant !== undefined) this.#checkVariant(variant, image, call);
    if (typeof image !== 'string') throw notADeliveryUrl(call, image, 'which is not text');
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
        `${call} expected an image of an account that \`accountHash\` names, got ${quoted(image)}. Add the account, or leave the URL unsigned.`,
      );
    }
    if (resolved === 'variant-not-allowed') {
      throw new ImageSignerError(
        'VARIANT_NOT_ALLOWED',
        `${call} expected one of the variants ${this.#variantNamesFor(text)} in the URL, got ${this.#variantOf(text)}. Add the variant to \`variants\`, or pass one of the list as the second argument.`,
      );
    }
    if (resolved === 'scheme-failed') {
      throw new ImageSignerError(
        'SCHEME_FAILED',
        `${call} expected the scheme to return { id } or undefined from \`match\`, and a URL under the same base from \`strip\`, for ${quoted(image)}. checkScheme of image-signer/testing tells more.`,
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
        ? 'which no scheme signs. A URL has to begin with the `url` of one, and an id with one of its `prefixes`, without a slash before it'
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
        `${call} expected a variant, got ${describe(variant)}. Options are the third argument, since a scheme has variants: signImage(image, undefined, { ttl: '5m' }).`,
      );
    const isId = typeof image === 'string' && !isUrl(image); // which has no variant of its own
    const hint =
      call === 'signImage'
        ? isId
          ? 'pass one of the list'
          : "leave it out to keep the URL's own"
        : 'take the candidate out';
    throw new ImageSignerError(
      'VARIANT_NOT_ALLOWED',
      `${call} expected one of the variants ${this.#variantNames}, got ${describe(variant, asName)}. Add the variant to \`variants\`, or ${hint}.`,
    );
  }

  get #variantNames(): string {
    return namesOf(this.#configuration.variants);
  }

  /** In a list of schemes, those of the one that has the URL. */
  #variantNamesFor(url: string): string {
    return namesOf(ownerOf(url, this.#configuration)?.variants ?? this.#configuration.variants);
  }

  /** Whichever scheme has the URL: a variant may be given for an image of another one, which is refused later. */
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
        `${call} by image id expected the option \`accountHash\`. Set it, or pass a delivery URL.`,
      );
    }
    if (url === 'variant-required') {
      throw new ImageSignerError(
        'VARIANT_REQUIRED',
        `${call} by image id expected a variant as the second argument.`,
      );
    }
    if (url !== undefined) return url;
    if (isNoId(scheme, id)) throw notADeliveryUrl(call, id, notAnId);
    const why = scheme.hasVariants
      ? 'which no path can hold: an empty or dot segment, a backslash, ?, #, ^, a control character, or text that is percent-encoded already'
      : 'which is not Unicode: it holds half a character';
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

  /** The variants that an image has without candidates: those of the first scheme that signs it in one of them. */
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

/** The URL of an image id in a scheme, signed or not, or what it lacks; undefined where it names no image. */
function urlIn(scheme: BoundScheme, id: string, variant: string | undefined): string | undefined {
  if (isNoId(scheme, id)) return undefined;
  const { variants } = scheme.definition;
  return variants === undefined ? scheme.urlOfId(id) : variants.urlOf(id, variant);
}

function namesOf(variants: ReadonlyMap<string, unknown>): string {
  return [...variants.keys()].map(printableName).join(', ');
}

/** Why a URL or an image id is not signed, if that is for the name of the object. */
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

/** A view may pass one: it is not to become the name of an object. */
function isUrlWithoutHost(text: string): boolean {
  return /^(?:https?|wss?|ftp|file|data|blob):/i.test(text);
}

function noVariants(call: CallName, why: string, variant: unknown): ImageSignerError {
  return new ImageSignerError(
    'VARIANT_NOT_ALLOWED',
    `${call} expected no variant, since ${why}, got ${describe(variant, asName)}. Leave it out, or pass options.`,
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
