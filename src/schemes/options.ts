/** The options that schemes share: their types, their schemas, and the function that reads an object of them. */
import * as v from 'valibot';
import type { Base, FromBase } from '../url/base.ts';
import { baseText } from '../validation/base.ts';
import { asBase, asName, asNumber, describeSecret, expected, invalidOption } from '../validation/message.ts';
import { listOf, parameterName, readObject, type Schema, textLike } from '../validation/schema.ts';
import type { StoredBase } from './definition.ts';
import { from } from './from.ts';

/** The options that every store has. */
export interface StoreOptions {
  /**
   * Other bases under which the same images are stored, such as `http://minio:9000/photos` or a path of the site. A URL under
   * one of them becomes the same path under the first `url`, signed.
   * @default none
   */
  readonly from?: string | StoredBase | readonly (string | StoredBase)[] | undefined;
  /**
   * Folders whose images may be signed, such as `'uploads/'`.
   * @default none: `authorize` is required
   */
  readonly prefixes?: string | readonly string[] | undefined;
}

/** The options of a store whose URLs can have other parameters than the token's. */
export interface QueryOptions extends StoreOptions {
  /**
   * The names of the parameters that stay on a URL, case-sensitive. They are signed if the store signs parameters. All others
   * are removed: anyone who can post a comment could otherwise ask for another version, a download or other headers with the
   * site's credentials.
   * @default names that tell versions of an image apart (v, ver, t, ts, updatedAt, w, h, q, width, height, quality, format, fit, dpr,
   *   auto), and the store's own transformations at ImageKit (tr) and Sanity
   */
  readonly parameters?: string | readonly string[] | undefined;
}

const urlHint = "For example, 'https://photos.example' or 'https://photos.example/private'.";

/** The option `url`: where the images of a scheme are delivered. One, or a list; the first serves ids. */
export const url: Schema<readonly Base[]> = v.pipe(
  listOf(
    baseText('a URL with http:// or https://, or a path', urlHint),
    expected('at least one URL', urlHint),
  ),
  v.check(
    (bases) => new Set(bases.map(({ authority, path }) => `${authority}${path}`)).size === bases.length,
    () => 'expected each URL once, got one of them twice. Remove the duplicate.',
  ),
);

/** The option `url` of a scheme that signs the host, which a path does not contain. */
export const absoluteUrl: Schema<readonly Base[]> = v.pipe(
  url,
  v.check(
    (bases) => bases.every(({ authority }) => authority !== undefined),
    () =>
      "expected a URL with http:// or https://, got a path. This scheme signs the host: write 'https://photos.example'.",
  ),
);

const prefixHint =
  "For example, ['uploads/']. Without the slash, 'uploads' would also open 'uploads-of-others'.";

const noPrefix = expected('at least one folder', 'Leave prefixes out if `authorize` decides.');

/** The option `prefixes`: the beginnings of the ids that may be signed. */
export const prefixes: Schema<readonly string[]> = inOneOrder(
  listOf(
    v.pipe(
      folder(prefixHint),
      // No id begins like a URL: nothing would be signed, without an explanation.
      v.check(
        (text) => !/^[a-z][a-z\d+.-]*:\/\//i.test(text),
        expected('a folder below `url`, without the URL', prefixHint, asBase),
      ),
    ),
    noPrefix,
  ),
);

/** The schemas of `StoreOptions`. */
export const storeEntries: {
  readonly from: Schema<readonly FromBase[] | undefined>;
  readonly prefixes: Schema<readonly string[] | undefined>;
} = { from: v.optional(from), prefixes: v.optional(prefixes) };

/** `prefixes` for imgproxy, whose ids are the URLs of the sources. */
export const sourcePrefixes: Schema<readonly string[]> = inOneOrder(
  listOf(folder("For example, ['https://photos.example/uploads/']."), noPrefix),
);

/** The order of names has no effect, so it must not change an entity tag. */
/* @__NO_SIDE_EFFECTS__ */
function inOneOrder(schema: Schema<readonly string[]>): Schema<readonly string[]> {
  return v.pipe(
    schema,
    v.transform((list) => list.toSorted()),
  );
}

/* @__NO_SIDE_EFFECTS__ */
function folder(hint: string): Schema<string> {
  return textLike(/^[^/].*\/$/s, 'a folder with a slash at its end and none at its start', hint, asName);
}

/** Names that mean nothing to any store, and with which sites tell versions of an image apart. */
export const versionParameters: readonly string[] = [
  ...['v', 'ver', 't', 'ts', 'updatedAt'],
  ...['w', 'h', 'q', 'width', 'height', 'quality', 'format', 'fit', 'dpr', 'auto'],
];

const parametersHint =
  "For example, ['v', 'versionId']. Leave it out to allow names that tell versions apart, such as v and w.";

/**
 * The option `parameters`: which parameters of a URL are signed. The URL may come from a stranger's comment.
 * @param isToken - whether a parameter of this name belongs to a token
 * @param defaults - for a store with parameters of its own that do no harm in a stranger's hands
 */
export function parameters(
  isToken: (name: string) => boolean,
  defaults: readonly string[] = versionParameters,
): Schema<readonly string[]> {
  const name = v.pipe(
    parameterName(/^[^&=\0-\x20]+$/, parametersHint),
    v.check((text) => !isToken(text), expected('a name that is not part of a token', parametersHint, asName)),
  );
  const one = v.pipe(
    name,
    v.transform((text): readonly string[] => [text]),
  );
  // An empty list is valid: then no parameter is signed.
  const list = inOneOrder(v.array(name));
  return v.optional(
    v.lazy((input) => (Array.isArray(input) ? list : one)),
    defaults.filter((each) => !isToken(each)),
  );
}

/** The option `maxSignatures`. */
export const maxSignatures: Schema<number> = wholeNumber(
  'a whole number above 0',
  'Leave it out for the default.',
);

/** The option `longestLife`. */
export const longestLife: Schema<number> = wholeNumber(
  'whole seconds above 0',
  'Seven days are 604800. Leave it out for no limit.',
);

/* @__NO_SIDE_EFFECTS__ */
function wholeNumber(what: string, hint: string): Schema<number> {
  return v.custom<number>(
    (input) => Number.isInteger(input) && (input as number) > 0,
    expected(what, hint, asNumber),
  );
}

/**
 * Reads an object of options and throws for the first mistake. A missing required option counts as undefined.
 * @param call - the scheme's name, as it is called
 * @param entries - a schema for each option
 * @throws ImageSignerError INVALID_OPTION
 */
export function readSchemeOptions<Entries extends v.ObjectEntries>(
  call: string,
  entries: Entries,
  input: unknown,
): v.InferOutput<v.ObjectSchema<Entries, undefined>> {
  const names = Object.keys(entries);
  const example = `Write ${call}({ ${names.join(', ')} }).`;
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw invalidOption('', `${call} expected options, got ${describeSecret(input)}. ${example}`);
  return readObject(call, entries, input);
}
