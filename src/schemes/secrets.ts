/**
 * A store's secret, as an option gives it: one; a list, of which the first signs and all verify; or a function that returns
 * either. Private fields and methods keep secrets out of `util.inspect`, which can read accessors, and out of JSON.
 */
import * as v from 'valibot';
import { keyUnavailable } from '../errors.ts';
import { Secret } from '../signing/digests.ts';
import { FetchedValue } from '../signing/fetched-value.ts';
import { expected, expectedSecret, invalidOption } from '../validation/message.ts';
import { isRecord, listOf, type Schema, secretText } from '../validation/schema.ts';
import type { FetchedSecret, WatchedSecrets } from './definition.ts';

/** One secret, with its fingerprint and its end. */
export interface HeldSecret {
  /** Differs where tokens do, and is not secret. */
  readonly fingerprint: string;
  /** In Unix seconds: no token outlives it. `Infinity` for a secret that does not end. */
  readonly endsAt: number;
}

/** A key, with its name at the store if it came with one, or with something else that belongs to it. */
export interface NamedKey<Key, Name = string> extends HeldSecret {
  readonly key: Key;
  readonly name: Name | undefined;
}

/** In seconds: a secret without an end can be replaced at any time. */
const refreshAfter = 300;

export class Secrets<S extends HeldSecret> implements WatchedSecrets {
  readonly #given: readonly S[];
  readonly #fetched: FetchedValue<readonly S[]> | undefined;
  readonly source: unknown;
  readonly lifetime: FetchedSecret | undefined;

  /**
   * @param source - at least one secret, the newest first; or the app's function
   * @param read - checks the function's result. It throws for anything but secrets
   */
  constructor(source: readonly S[] | (() => unknown), read: (got: unknown) => readonly S[]) {
    const isGiven = typeof source !== 'function';
    this.#given = isGiven ? source : [];
    this.#fetched = isGiven ? endingLike(source) : fetched(source, read);
    this.source = isGiven ? undefined : source;
    this.lifetime = this.#fetched;
  }

  /** All secrets, the newest first; none before the first fetch, or after they ended. */
  all(): readonly S[] {
    return this.#fetched === undefined ? this.#given : (this.#fetched.current ?? []);
  }

  /**
   * The secret that signs.
   * @throws ImageSignerError KEY_UNAVAILABLE if there is none
   */
  newest(): S {
    const [newest] = this.all();
    if (newest === undefined) throw keyUnavailable(this.#fetched!);
    return newest;
  }

  get fingerprint(): string {
    return fingerprintOf(this.all());
  }
}

function fetched<S extends HeldSecret>(
  source: () => unknown,
  read: (got: unknown) => readonly S[],
): FetchedValue<readonly S[]> {
  return new FetchedValue<readonly S[]>({
    fetch: source,
    read: (got, now) => {
      const all = read(got);
      const value = all.filter(({ endsAt }) => now < endsAt);
      return { value, endsAt: (value[0] ?? all[0]!).endsAt }; // `read` returns at least one
    },
    isSame: (one, other) => fingerprintOf(one) === fingerprintOf(other),
    refreshAfter,
  });
}

/**
 * A fixed list of secrets can end as well: then the next one of the list signs.
 * @returns undefined if the first does not end
 */
function endingLike<S extends HeldSecret>(given: readonly S[]): FetchedValue<readonly S[]> | undefined {
  if (given[0]!.endsAt === Number.POSITIVE_INFINITY) return undefined;
  const held = fetched(
    () => given,
    () => given,
  );
  held.refresh(0);
  return held;
}

function fingerprintOf(secrets: readonly HeldSecret[]): string {
  return secrets.map(({ fingerprint }) => fingerprint).join();
}

/**
 * The schema of an option that takes secrets.
 * @param option - its name, for messages
 * @param one - reads one secret, also of a list or of the function's result
 */
export function secretsOf<S extends HeldSecret>(option: string, one: Schema<S>): Schema<Secrets<S>> {
  const list = listOf(one, expectedSecret('at least one secret', 'Put the newest first.'));
  const read = (got: unknown): readonly S[] => {
    const result = v.safeParse(list, valuesOf(got), { abortEarly: true });
    if (result.success) return result.output;
    throw invalidOption(option, `${result.issues[0].message} The function \`${option}\` returned it.`);
  };
  const given: Schema<Secrets<S>> = v.pipe(
    list,
    v.transform((secrets) => new Secrets(secrets, read)),
  );
  const provided: Schema<Secrets<S>> = v.pipe(
    v.custom<() => unknown>((input) => typeof input === 'function'),
    v.transform((provider) => new Secrets<S>(provider, read)),
  );
  return v.lazy((input) => (typeof input === 'function' ? provided : given));
}

/** A function's `{ value: [newest, older], expiration }` is a list in which every secret has that end. */
function valuesOf(got: unknown): unknown {
  if (!isRecord(got) || !Array.isArray(got.value)) return got;
  const { value, ...rest } = got;
  return value.map((each: unknown) => (isRecord(each) ? { ...rest, ...each } : { ...rest, value: each }));
}

/** @param what - such as "a valid Date" */
export function dateOf(what: string, hint: string): Schema<Date> {
  return v.custom<Date>(
    (input) => input instanceof Date && !Number.isNaN(input.getTime()),
    expected(what, hint),
  );
}

/** When a secret ends. The AWS SDK's credential providers use this name. */
export const expiration: Schema<Date | undefined> = v.optional(
  dateOf('a valid Date', 'Write new Date(text), or leave it out if the secret does not end.'),
);

/** In whole Unix seconds, and `Infinity` for undefined. */
export function endOf(end: Date | undefined): number {
  return end === undefined ? Number.POSITIVE_INFINITY : Math.floor(end.getTime() / 1000);
}

/**
 * A bare key, or `{ value, expiration }` with its end.
 * @param key - reads the key
 * @param nameOption - the option with the key's name, if the store has one: `{ value, [nameOption] }` can give another
 * @param name - reads the name
 */
export function keyOf<Key extends { readonly fingerprint: string }, Name = string>(
  key: Schema<Key>,
  nameOption?: string,
  name?: Schema<Name>,
): Schema<NamedKey<Key, Name>> {
  const parts = ['value', 'expiration', ...(nameOption === undefined ? [] : [nameOption])];
  const wrapped = v.strictObject(
    { value: key, expiration, ...(nameOption !== undefined && { [nameOption]: v.optional(name!) }) },
    (issue) =>
      issue.expected === 'never'
        ? `is not part of a secret. It has ${parts.join(', ')}.`
        : expectedSecret('the text of a key as `value`', `Write { ${parts.join(', ')} }.`)(issue),
  );
  const alone = v.pipe(
    key,
    v.transform((value) => ({ value })),
  );
  return v.pipe(
    v.lazy((input) => (isRecord(input) && Object.hasOwn(input, 'value') ? wrapped : alone) as typeof alone),
    v.transform((read: { value: Key; expiration?: Date | undefined }): NamedKey<Key, Name> => {
      const { value, expiration: end, ...names } = read;
      const [named] = Object.values<Name | undefined>(names);
      // The name of a key can be a salt, which is private.
      const digest = named === undefined ? '' : new Secret(JSON.stringify(named)).fingerprint;
      return { key: value, name: named, endsAt: endOf(end), fingerprint: `${value.fingerprint}${digest}` };
    }),
  );
}

/** A key that is given as text, plain or encoded. */
export function secretOf(text: Schema<string>, encoding: 'utf8' | 'hex' | 'base64' = 'utf8'): Schema<Secret> {
  return v.pipe(
    text,
    v.transform((read) => new Secret(encoding === 'utf8' ? read : Buffer.from(read, encoding))),
  );
}

/** A key that is a text. @param what - such as "the rule's secret" @param where - where the user finds it */
export function textKey(option: string, what: string, where: string): Schema<Secrets<NamedKey<Secret>>> {
  return secretsOf(option, keyOf(secretOf(secretText(what, where))));
}

/** The bytes of a key or a salt, as hexadecimal digits. */
export function hexText(what: string, where: string): Schema<string> {
  return secretText(what, `Every byte is two of 0-9 and a-f. ${where}`, (text) =>
    /^(?:[\da-f]{2})+$/i.test(text),
  );
}
