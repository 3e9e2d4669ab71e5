/**
 * Separates the arguments that a template passes from those that its engine adds. Handlebars adds an options object to
 * each call. Handlebars and Nunjucks have named arguments: `{{signImage id "card" ttl="5m"}}`, `{{ signImage(id, 'card', ttl='5m') }}`.
 */
import type { ImageSignerError } from '../errors.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { parseDuration } from '../text/duration.ts';
import { asDate, asNumber, describe, invalidOption } from '../validation/message.ts';

/** Named arguments; undefined if there are none. */
export type NamedArguments = Readonly<Record<string, unknown>> | undefined;

export interface TemplateArguments {
  /** In order. */
  readonly positional: readonly unknown[];
  readonly named: NamedArguments;
  /** The named arguments may be stored data: no token may live longer because of them. */
  readonly mayBeData: boolean;
}

/** The last argument of a Handlebars helper: `name`, `hash`, `data` and `loc`; a block has `fn` and `inverse` as well. */
interface HandlebarsOptions {
  readonly hash: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
  readonly fn?: unknown;
}

/** Nunjucks passes named arguments as an object with this property. */
const keywordsMark = '__keywords';

export function readTemplateArguments(all: readonly unknown[]): TemplateArguments {
  const last = all.at(-1);
  if (isHandlebarsOptions(last))
    return { positional: all.slice(0, -1), named: checkedHash(last), mayBeData: false };
  if (isObject(last) && last[keywordsMark] === true) {
    const { [keywordsMark]: _, ...named } = last;
    if (Object.hasOwn(named, 'authorize')) throw notInData();
    return { positional: all.slice(0, -1), named: unlessEmpty(named), mayBeData: true };
  }
  return { positional: all, named: undefined, mayBeData: false };
}

/**
 * Stored data can look like named arguments of Nunjucks: `signImage(photo.url, photo.size)` would let whoever chose the size
 * get a token for a year. They may ask for a shorter life than the signer gives, not for a longer one.
 * @param longest - in seconds
 * @throws ImageSignerError INVALID_OPTION
 */
export function checkLifeInData(named: NamedArguments, longest: number, now: EpochSeconds): void {
  const { ttl, expiresAt } = named ?? {};
  const seconds = parseDuration(ttl);
  if (seconds !== undefined && seconds > longest) throw tooLong('ttl', describe(ttl, asNumber), longest);
  const end = expiresAt instanceof Date ? expiresAt.getTime() / 1000 : expiresAt;
  if (typeof end === 'number' && end > now + longest)
    throw tooLong(
      'expiresAt',
      describe(end, (text) => asDate(text) ?? asNumber(text)),
      longest,
    );
}

function tooLong(name: 'ttl' | 'expiresAt', got: string, longest: number): ImageSignerError {
  return invalidOption(
    name,
    `expected at most the shortest ttl of the signer, ${longest} seconds, got ${got} as a named argument, which data could bring along. For a longer life write signImage(image, 'card', { ${name} }).`,
  );
}

/**
 * An attacker can give data the shape of Handlebars options, for example by the query `?size[name]=…&size[hash][ttl]=366d`,
 * and so choose the ttl. But a query or stored data cannot contain a function. Genuine options do: the block's `fn`, or
 * the view's `signImage` in `data.root`.
 */
function checkedHash({ hash, data, fn }: HandlebarsOptions): NamedArguments {
  const named = unlessEmpty(hash);
  const root: unknown = isObject(data) ? data['root'] : undefined;
  const isGenuine = typeof fn === 'function' || (isObject(root) && typeof root['signImage'] === 'function');
  if (named === undefined || isGenuine) return named;
  throw invalidOption(
    'options',
    'expected named arguments of a Handlebars view whose data has the helpers, got an object that only looks like them. Pass { ttl } as the third argument instead. If the option `data` of Handlebars is off, turn it on.',
  );
}

/**
 * Stored data can look like named arguments of Nunjucks, which are a plain object: `signImage(photo.url, photo.size)` would
 * then let whoever chose the size decide who sees the photo.
 */
function notInData(): ImageSignerError {
  return invalidOption(
    'authorize',
    "expected it in an object that the template writes, got a named argument, which data could bring along. Write signImage(image, 'card', { authorize: false }).",
  );
}

function isHandlebarsOptions(value: unknown): value is HandlebarsOptions {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    isObject(value['hash']) &&
    ('data' in value || 'loc' in value) // `data` can be turned off; Handlebars before 4.4 has no `loc`
  );
}

function unlessEmpty(named: Readonly<Record<string, unknown>>): NamedArguments {
  return Object.keys(named).length > 0 ? named : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
