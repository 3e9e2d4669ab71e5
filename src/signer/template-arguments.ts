/**
 * What engines add to the arguments that a template writes. Handlebars ends each call with an object of its own, and
 * there as in Nunjucks arguments may be named: `{{signImage id "card" ttl="5m"}}`, `{{ signImage(id, 'card', ttl='5m') }}`.
 */

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
}

/** Nunjucks marks the object that it makes of named arguments. */
const keywordsMark = '__keywords';

export function readTemplateArguments(all: readonly unknown[]): TemplateArguments {
  const last = all.at(-1);
  if (isHandlebarsCall(last)) return { given: all.slice(0, -1), named: unlessEmpty(last.hash) };
  if (isObject(last) && last[keywordsMark] === true) {
    const { [keywordsMark]: _, ...named } = last;
    return { given: all.slice(0, -1), named: unlessEmpty(named) };
  }
  return { given: all, named: undefined };
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
