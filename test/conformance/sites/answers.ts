/** How sites say what they answer. */
import type { Answer, Asked, Body, Tools } from '../site.ts';
import { type Part, sourceOf } from '../source.ts';

export type Headers = NonNullable<Answer['headers']>;

/** The options that all sites of a store share, with the site's clock and its ear. */
export function optionsOf({ store, now, report }: Tools, more: object = {}): object {
  return { ttl: '1d', ...store.options, now, report, ...more };
}

export function html(body: Body, headers: Headers = {}): Answer {
  return { headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body };
}

export function streamed(parts: readonly Part[], headers: Headers = {}): Answer {
  return html(sourceOf(parts), headers);
}

export type Routes = Readonly<Record<string, (asked: Asked) => Answer>>;

/** Answers by path; one that ends in `/` stands for all that is below it. */
export function answersOf(table: Routes): (asked: Asked) => Answer {
  return (asked) => {
    const path = asked.target.split('?')[0]!;
    const name = Object.hasOwn(table, path) ? path : path.replace(/(?<=.)\/.*/, '/');
    const route = Object.hasOwn(table, name) ? table[name] : undefined;
    return route?.(asked) ?? { status: 404, headers: { 'Content-Type': 'text/plain' }, body: 'no such page' };
  };
}

/** A parameter of the query. */
export function parameter({ target }: Asked, name: string): string {
  return new URLSearchParams(target.split('?')[1] ?? '').get(name) ?? '';
}
