/** The options `attributes`, `scripts`, `fields` and `customProperties`: where else a site has URLs. */
import * as v from 'valibot';
import {
  type EditReader,
  type ExtraTargets,
  noExtraTargets,
  type ScriptKind,
  type TargetKind,
  type TextKind,
} from '../rewriting/options.ts';
import { kindOfScript, targetOf } from '../rewriting/targets.ts';
import { asName, describe, expected, invalidOption } from '../validation/message.ts';
import { isRecord, type Schema } from '../validation/schema.ts';

interface Kinds<Kind> {
  /** For messages. */
  readonly list: string;
  readonly fix: string;
  readonly has: (kind: unknown) => kind is Kind;
}

const attributeKinds: Kinds<TargetKind> = kindsOf(['url', 'srcset', 'css', 'json', 'html']);
const scriptKinds: Kinds<ScriptKind> = kindsOf(['json', 'html']);
const fieldKinds: Kinds<TextKind> = {
  list: "'html', 'json', markdown",
  fix: "For Markdown, import { markdown } from 'image-signer/markdown'.",
  has: (kind): kind is TextKind => scriptKinds.has(kind) || isReader(kind),
};

function kindsOf<Kind extends string>(kinds: readonly Kind[]): Kinds<Kind> {
  return {
    list: kinds.map((kind) => `'${kind}'`).join(', '),
    fix: 'The kind says what the value holds.',
    has: (kind): kind is Kind => kinds.some((each) => each === kind),
  };
}

function isReader(kind: unknown): kind is EditReader {
  const { name, read } = Object(kind) as Partial<EditReader>;
  return typeof name === 'string' && typeof read === 'function';
}

export const attributes: Schema<ExtraTargets['attributes']> = mapOf(
  attributeKinds,
  "For example, { 'data-hero': 'url' }.",
  asInPage,
  attributeMistake,
);

export const scripts: Schema<ExtraTargets['scripts']> = mapOf(
  scriptKinds,
  "For example, { 'text/x-my-data': 'json' }.",
  (name) => name.trim().toLowerCase(),
  scriptMistake,
);

/** As UTF-8 with one character per byte, since JSON is read as bytes. */
export const fields: Schema<ExtraTargets['fields']> = mapOf(
  fieldKinds,
  "For example, { content: 'html', body: markdown }.",
  toBytes,
  () => undefined,
);

const propertyHint = 'For example, \'--hero\', as in --hero: "https://…".';

/** Case-sensitive, as in CSS. */
export const customProperties: Schema<ExtraTargets['customProperties']> = v.pipe(
  v.array(
    v.pipe(
      v.string(expected('the name of a CSS custom property', propertyHint)),
      v.regex(
        /^--[\w\u0080-\u{10ffff}-]+$/u,
        expected('the name of a CSS custom property', propertyHint, asName),
      ),
      v.transform(toBytes),
    ),
    expected('a list of names', "For example, ['--hero']."),
  ),
  v.transform((names) => new Set(names)),
);

/**
 * A map of names to kinds.
 * @param toKey - returns the text that is compared
 * @param mistakeIn - what is wrong with a name, if anything
 */
function mapOf<Kind>(
  { list, fix, has }: Kinds<Kind>,
  hint: string,
  toKey: (name: string) => string,
  mistakeIn: (name: string, key: string) => string | undefined,
): Schema<ReadonlyMap<string, Kind>> {
  return v.pipe(
    v.custom<object>(isRecord, expected(`a map of names to one of ${list}`, hint)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const map = new Map<string, Kind>();
      for (const [name, kind] of Object.entries(dataset.value)) {
        const key = toKey(name);
        const mistake = mistakeIn(name, key) ?? (map.has(key) ? repeated(name) : undefined);
        if (!has(kind) || mistake !== undefined) {
          const unknown = `expected one of ${list} for ${describe(name, asName)}, got ${describe(kind, asName)}. ${fix}`;
          addIssue({ message: has(kind) ? mistake! : unknown });
          return NEVER;
        }
        map.set(key, kind);
      }
      return map;
    }),
  );
}

function repeated(name: string): string {
  return `expected each name once, got ${describe(name, asName)} again. Names of attributes and types are not case-sensitive.`;
}

/** A name as pages are read: one character per byte of UTF-8. */
function toBytes(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

/** HTML folds ASCII letters only. */
function asInPage(name: string): string {
  return toBytes(name).replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function attributeMistake(name: string, key: string): string | undefined {
  if (!/^[^\s"'<>/=]+$/.test(name)) {
    return `expected the name of an attribute, got ${describe(name, asName)}. A name has no white space, quotes, /, = or angle brackets.`;
  }
  if (key === 'value')
    return `expected an attribute that is not a form value, got ${describe(name, asName)}. The form would save the signed URL.`;
  const builtIn = key.startsWith('data-') ? undefined : targetOf(key, noExtraTargets);
  return builtIn === undefined ? undefined : alreadyRead(name, builtIn);
}

function scriptMistake(name: string, key: string): string | undefined {
  if (!/^[\w!#$&^.+-]+(?:\/[\w!#$&^.+-]+)?$/.test(key)) {
    return `expected a MIME type without parameters, got ${describe(name, asName)}. For example, 'text/x-my-data'.`;
  }
  if (key === 'module' || key.endsWith('/javascript'))
    return `expected a type that holds data or a template, got ${describe(name, asName)}. Scripts that run are never changed.`;
  const builtIn = kindOfScript(key, noExtraTargets);
  return builtIn === undefined ? undefined : alreadyRead(name, builtIn);
}

function alreadyRead(name: string, kind: string): string {
  return `expected a name of your own, got ${describe(name, asName)}. It is already read as ${kind}: remove it.`;
}

/**
 * Reads the same options of one call.
 * @throws ImageSignerError INVALID_OPTION
 */
export function parseExtraTargets(input: Partial<Record<keyof ExtraTargets, unknown>>): ExtraTargets {
  const isGiven = (Object.keys(noExtraTargets) as (keyof ExtraTargets)[]).some(
    (name) => input[name] !== undefined,
  );
  if (!isGiven) return noExtraTargets; // most pages: this is a hot path
  return {
    attributes: parseOne('attributes', attributes, input.attributes ?? {}),
    scripts: parseOne('scripts', scripts, input.scripts ?? {}),
    fields: parseOne('fields', fields, input.fields ?? {}),
    customProperties: parseOne('customProperties', customProperties, input.customProperties ?? []),
  };
}

function parseOne<Output>(name: string, schema: v.GenericSchema<unknown, Output>, input: unknown): Output {
  const result = v.safeParse(schema, input, { abortEarly: true });
  if (result.success) return result.output;
  throw invalidOption(name, result.issues[0].message);
}
