/** Reads the options of `imageDelivery`. */
import { realpathSync, statSync } from 'node:fs';
import * as v from 'valibot';
import type { GuardConfiguration } from '../options/configuration.ts';
import type { DeliveryOptions } from '../options/delivery-options.ts';
import { isPublic, type Parsed, parseWithSigner } from '../options/parse.ts';
import { memory } from '../options/values.ts';
import { variants } from '../schemes/cloudflare-images/options.ts';
import { type DeliveryImage, setupOf } from '../schemes/cloudflare-images/scheme.ts';
import type { PicturePolicy, SchemeImage, VariantRules } from '../schemes/definition.ts';
import { coreOf, type SigningCore } from '../signer/core.ts';
import { asBase, asName, asNumber, expected, invalidOption, type Shown } from '../validation/message.ts';
import { flag, isRecord, type Schema } from '../validation/schema.ts';

/**
 * How large originals may be, and how much memory they may take.
 * @see https://developers.cloudflare.com/images/get-started/limits/
 */
export interface Limits {
  /** Pixels of a still image: width times height. */
  readonly still: number;
  /** Pixels of an animation: width times height times frames. */
  readonly animation: number;
  /** In bytes, for all variants that are being made, and again for all images that are being sent. */
  readonly memory: number;
  /** In bytes, for the variants that are kept. */
  readonly cache: number;
}

export interface DeliveryConfiguration {
  /** The real path, without links. */
  readonly directory: string;
  /** How a picture looks, by scheme and variant. */
  readonly pictures: (image: SchemeImage) => PicturePolicy | undefined;
  /** Whether any variant differs from its original. */
  readonly makesPictures: boolean;
  readonly isPublic?: GuardConfiguration['isPublic'];
  readonly sharedCache: boolean;
  readonly explain: boolean;
  readonly placeholder: boolean;
  readonly limits: Limits;
}

const directoryHint = "For example, './pictures': the folder with the originals.";

const asFolder: Shown = (text) => (asBase(`/${text.replace(/^[./]+/, '')}`) === undefined ? undefined : text);

const directory: Schema<string> = v.pipe(
  v.string(expected('the path of a folder', directoryHint)),
  v.check((path) => isFolder(path), expected('a folder that can be read', directoryHint, asFolder)),
  v.transform((path) => realpathSync(path)),
);

const megapixels: Schema<number> = v.custom<number>(
  (input) => typeof input === 'number' && input > 0 && input <= 1_000,
  expected('megapixels: a number above 0, at most 1000', 'Leave it out for the default.', asNumber),
);

const limits: Schema<Limits> = v.pipe(
  v.custom<object>(
    isRecord,
    expected(
      'some of { megapixels, animationMegapixels, memory, cache }',
      'Leave it out for the default.',
      asName,
    ),
  ),
  v.strictObject(
    {
      megapixels: v.optional(megapixels, 100),
      animationMegapixels: v.optional(megapixels, 50),
      memory: memory('512MB'),
      cache: memory('64MB', true),
    },
    () => 'is not a limit. The limits are megapixels, animationMegapixels, memory and cache.',
  ),
  v.transform(({ megapixels, animationMegapixels, ...bytes }) => ({
    still: megapixels * 1_000_000,
    animation: animationMegapixels * 1_000_000,
    ...bytes,
  })),
);

const entries = {
  directory,
  isPublic: v.optional(isPublic),
  sharedCache: v.optional(flag, false),
  explain: v.optional(flag, false),
  placeholder: v.optional(flag, false),
  limits: v.optional(limits, {}),
} satisfies Record<keyof DeliveryOptions, v.GenericSchema>;

/** Beside `signer`: how its variants look. */
const entriesWithVariants = { ...entries, variants: v.optional(variants) };

/** @throws ImageSignerError INVALID_OPTION */
export function parseDelivery(input: unknown): Parsed<SigningCore, DeliveryConfiguration> {
  const hasSigner = isRecord(input) && Object.hasOwn(input, 'signer');
  const { own, ...rest } = hasSigner
    ? parseWithSigner('imageDelivery', entriesWithVariants, input, coreOf)
    : parseWithSigner('imageDelivery', entries, input, coreOf);
  const { schemes } = rest.configuration;
  if (!schemes.some(({ canVerify }) => canVerify)) {
    throw invalidOption(
      'scheme',
      'expected a scheme that verifies tokens, got none. Nothing would be delivered: your own scheme needs `verify`.',
    );
  }
  const beside = hasSigner ? ((own as { variants?: readonly VariantRules[] }).variants ?? []) : [];
  const unknown = beside.find(({ name }) => !rest.configuration.variants.has(name));
  if (unknown !== undefined) {
    throw invalidOption(
      'variants',
      `expected variants of the signer, got another one. It has no valid tokens: add it to the \`variants\` of createSigner.`,
    );
  }
  const looks = new Map(beside.map(({ name, picture }) => [name, picture]));
  return {
    ...rest,
    own: {
      ...own,
      pictures(image) {
        const { variant, accountHash = '' } = image as Partial<DeliveryImage>;
        if (variant === undefined) return undefined;
        // Two accounts may each have a variant with this name.
        const scheme = schemes.find(
          ({ name, definition, variants: own }) =>
            name === image.scheme &&
            own.has(variant) &&
            setupOf(definition)?.accounts?.has(accountHash) !== false,
        );
        return looks.get(variant) ?? scheme?.variants.get(variant)?.picture;
      },
      makesPictures: [
        ...looks.values(),
        ...schemes.flatMap((each) => [...each.variants.values()].map((rules) => rules.picture)),
      ].some((picture) => picture !== undefined),
    },
  };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
