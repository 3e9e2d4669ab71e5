/** Is a response rewritten, and if not, why? One chain, a reason a line. It reads headers and changes none. */
import { isUnreadable } from '../charset.ts';
import { charsetOf } from './content-type.ts';

/** What the decision hangs on, taken before the first byte goes out. */
export interface ResponseFacts {
  readonly status: number;
  /** A field's value, several joined by commas; `''` if it is not set. */
  header(name: string): string;
  /** The bytes that the app hands over are not encoded, or in a way that can be undone. */
  readonly isReadable: boolean;
}

export type BodyKind = 'html' | 'json';

export type Decision =
  | { readonly rewrite: BodyKind }
  | { readonly pass: 'charset' | 'partial-content' | 'no-transform' | 'encoding' | undefined };

/** What is rewritten at all. */
export interface Wanted {
  readonly html: boolean;
  readonly json: boolean;
}

export function decideRewrite(facts: ResponseFacts, wanted: Wanted): Decision {
  const type = facts.header('content-type');
  const kind = kindOf(type, wanted);
  if (kind === undefined) return { pass: undefined };
  if (facts.status < 200 || facts.status === 204 || facts.status === 205) return { pass: undefined };
  if (facts.status === 206 || facts.header('content-range') !== '') return { pass: 'partial-content' };
  if (isUnreadable(charsetOf(type) ?? '')) return { pass: 'charset' };
  if (hasNoTransform(facts.header('cache-control'))) return { pass: 'no-transform' };
  if (!facts.isReadable) return { pass: 'encoding' };
  return { rewrite: kind };
}

/** Which kind of body a `Content-Type` names, as far as that kind is rewritten. */
export function kindOf(type: string, wanted: Wanted): BodyKind | undefined {
  const end = type.indexOf(';');
  const essence = (end < 0 ? type : type.slice(0, end)).trim().toLowerCase();
  if (essence === 'text/html') return wanted.html ? 'html' : undefined;
  if (!wanted.json) return undefined;
  const isJson = essence === 'application/json' || /^[\w.-]+\/[\w.-]+\+json$/.test(essence);
  return isJson ? 'json' : undefined;
}

function hasNoTransform(cacheControl: string): boolean {
  return cacheControl.split(',').some((each) => each.trim().toLowerCase() === 'no-transform');
}

/** Whether a `Content-Security-Policy` allows styles by their hash, which a changed style would no longer have. */
export function allowsStylesByHash(policy: string): boolean {
  const directives = policy.split(/[;,]/).map((each) =>
    each
      .trim()
      .toLowerCase()
      .split(/[\t\n\f\r ]+/),
  );
  const ofStyles = directives.filter(([name]) => name?.startsWith('style-src'));
  const effective = ofStyles.length > 0 ? ofStyles : directives.filter(([name]) => name === 'default-src');
  return effective.some((sources) => sources.some((source) => /^'sha(?:256|384|512)-/.test(source)));
}
