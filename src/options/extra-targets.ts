/** The options `attributes`, `scripts`, `fields` and `customProperties`: the site's own places for URLs. */
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
    fix: 'It says what is in there.',
    has: (kind): kind is Kind => kinds.some((each) => each === kind),
  };
}

function isReader(kind: unknown): kind is EditReader {
  const { name, read } = Object(kind) as Partial<EditReader>;
  return typeof name === 'string' && typeof read === 'function';
}

export const attributes: Schema<ExtraTargets['attributes']> = mapOf(
  attributeKinds,
  "Such as { 'data-hero': 'url' }.",
  asInPage,
  attributeMistake,
);

export const scripts: Schema<ExtraTargets['scripts']> = mapOf(
  scriptKinds,
  "Such as { 'text/x-my-data': 'json' }.",
  (name) => name.trim().toLowerCase(),
  scriptMistake,
);

/** By UTF-8 with one character per byte, which is how JSON is read. */
export const fields: Schema<ExtraTargets['fields']> = mapOf(
  fieldKinds,
  "Such as { content: 'html', body: markdown }.",
  toBytes,
  () => undefined,
);

const propertyHint = 'Such as \'--hero\', as in --hero: "https://…".';

/** Their case counts, as in CSS. */
export const customProperties: Schema<ExtraTargets['customProperties']> = v.pipe(
  v.array(
    v.pipe(
      v.string(expected('the name of a custom property of CSS', propertyHint)),
      v.regex(
        /^--[\w\u0080-\u{10ffff}-]+$/u,
        expected('the name of a custom property of CSS', propertyHint, asName),
      ),
      v.transform(toBytes),
    ),
    expected('a list of names', "Such as ['--hero']."),
  ),
  v.transform((names) => new Set(names)),
);

/**
 * A map of names to kinds.
 * @param toKey - what is compared
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
  return `expected each name once, got ${describe(name, asName)} again. Names of attributes and types compare without case.`;
}

/** A name as pages are read: a character per byte of UTF-8. */
function toBytes(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

/** HTML folds ASCII letters only. */
function asInPage(name: string): string {
  return toBytes(name).replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function attributeMistake(name: string, key: string): string | undefined {
  if (!/^[^\s"'<>/=]+$/.test(name)) {
    return `expected the name of an attribute, got ${describe(name, asName)}. A name holds no white space, quote, /, = or angle bracket.`;
  }
  if (key === 'value')
    return `expected no form values, got ${describe(name, asName)}. A signed URL in a form would be saved back.`;
  const builtIn = key.startsWith('data-') ? undefined : targetOf(key, noExtraTargets);
  return builtIn === undefined ? undefined : alreadyRead(name, builtIn);
}

function scriptMistake(name: string, key: string): string | undefined {
  if (!/^[\w!#$&^.+-]+(?:\/[\w!#$&^.+-]+)?$/.test(key)) {
    return `expected a type of script without parameters, got ${describe(name, asName)}. Such as 'text/x-my-data'.`;
  }
  if (key === 'module' || key.endsWith('/javascript'))
    return `expected a type that holds data or a template, got ${describe(name, asName)}. Scripts that run are never changed.`;
  const builtIn = kindOfScript(key, noExtraTargets);
  return builtIn === undefined ? undefined : alreadyRead(name, builtIn);
}

function alreadyRead(name: string, kind: string): string {
  return `expected the site's own, got ${describe(name, asName)}. That one is read by itself, as ${kind}: take it out.`;
}

/**
 * Reads the same options where they are those of one call.
 * @throws ImageSignerError INVALID_OPTION
 */
export function parseExtraTargets(input: Partial<Record<keyof ExtraTargets, unknown>>): ExtraTargets {
  const isGiven = (Object.keys(noExtraTargets) as (keyof ExtraTargets)[]).some(
    (name) => input[name] !== undefined,
  );
  if (!isGiven) return noExtraTargets; // as for most pages, which pay for each call
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
