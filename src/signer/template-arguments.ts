/**
 * What engines add to the arguments that a template writes. Handlebars ends each call with an object of its own, and
 * there as in Nunjucks arguments may be named: `{{signImage id "card" ttl="5m"}}`, `{{ signImage(id, 'card', ttl='5m') }}`.
 */
import { invalidOption } from '../options/message.ts';

/** Arguments with a name; undefined if there are none. */
export type Named = Readonly<Record<string, unknown>> | undefined;

export interface TemplateArguments {
  /** Those without a name, in order. */
  readonly given: readonly unknown[];
  readonly named: Named;
}

/** What Handlebars calls a helper with: `name`, `hash`, `data` and `loc`; `fn` and `inverse` for a block. */
interface HandlebarsCall {
  readonly hash: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
  readonly fn?: unknown;
}

/** Nunjucks marks the object that it makes of named arguments. */
const keywordsMark = '__keywords';

export function readTemplateArguments(all: readonly unknown[]): TemplateArguments {
  const last = all.at(-1);
  if (isHandlebarsCall(last)) return { given: all.slice(0, -1), named: namedIn(last) };
  if (isObject(last) && last[keywordsMark] === true) {
    const { [keywordsMark]: _, ...named } = last;
    return { given: all.slice(0, -1), named: unlessEmpty(named) };
  }
  return { given: all, named: undefined };
}

/**
 * A query (`?size[name]=…&size[hash][ttl]=366d`) or stored data may have the shape of a call, and would name a ttl of its
 * own. What it cannot hold is a function: such as the helpers, among what Handlebars hands on of the view's data.
 */
function namedIn({ hash, data, fn }: HandlebarsCall): Named {
  const named = unlessEmpty(hash);
  const root: unknown = isObject(data) ? data['root'] : undefined;
  const isGenuine = typeof fn === 'function' || (isObject(root) && typeof root['signImage'] === 'function');
  if (named === undefined || isGenuine) return named;
  throw invalidOption(
    'options',
    'expected named arguments of a Handlebars view, whose data holds the helpers, got an object that looks like them. Pass { ttl } in its place as the third argument; where the option `data` of Handlebars is off, turn it on.',
  );
}

function isHandlebarsCall(value: unknown): value is HandlebarsCall {
  return (
    isObject(value) &&
    typeof value['name'] === 'string' &&
    isObject(value['hash']) &&
    ('data' in value || 'loc' in value) // `data` is left out under an option, `loc` before 4.4
  );
}

function unlessEmpty(named: Readonly<Record<string, unknown>>): Named {
  return Object.keys(named).length > 0 ? named : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
