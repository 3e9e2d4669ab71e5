/** Decides whether a response is rewritten, and if not, for which reason. It reads header fields and changes none. */
import { isUnreadable } from '../text/charset.ts';
import { boundaryOf, charsetOf, essenceOf, isJsonType } from '../text/mime-type.ts';
import type { HeaderFields } from './header-fields.ts';

/** The response before its first byte is sent. */
interface ResponseFacts {
  readonly status: number;
  readonly fields: Pick<HeaderFields, 'get'>;
  /** The body has no content coding, or only codings that can be decoded. */
  readonly isReadable: boolean;
}

/** `json-lines` has a JSON value in every line, `json-seq` one after every record separator (RFC 7464). */
export type BodyKind = 'html' | 'json' | 'json-lines' | 'json-seq' | 'events' | 'multipart';

export type Decision =
  | { readonly rewrite: BodyKind }
  | { readonly pass: 'charset' | 'partial-content' | 'no-transform' | 'encoding' | undefined };

/** The kinds of bodies that the options enable. */
interface EnabledKinds {
  readonly html: boolean;
  readonly json: boolean;
  /** Events whose data is HTML. Those whose data is JSON are read with `json`. */
  readonly events: 'html' | false;
}

export function decideRewrite(
  { status, fields, isReadable }: ResponseFacts,
  enabled: EnabledKinds,
): Decision {
  const type = fields.get('content-type') ?? '';
  const kind = kindOf(type, enabled);
  if (kind === undefined) return { pass: undefined };
  if (hasNoContent(status)) return { pass: undefined };
  if (status === 206 || fields.get('content-range')) return { pass: 'partial-content' };
  if (isUnreadable(charsetOf(type) ?? '')) return { pass: 'charset' };
  if (hasNoTransform(fields.get('cache-control') ?? '')) return { pass: 'no-transform' };
  if (!isReadable) return { pass: 'encoding' };
  return { rewrite: kind };
}

/** Whether a response with this status has no content, whatever its type. A 304 has none either, but is about a page. */
function hasNoContent(status: number): boolean {
  return status < 200 || status === 204 || status === 205;
}

/**
 * Types of bodies with a JSON value in every line. Sources: the loader data of React Router (`single-fetch.ts`, whose
 * lines are those of turbo-stream: a string never holds its length, and others refer to it by its number) and of SvelteKit
 * (`runtime/server/data`), and the names by which servers send JSON Lines.
 */
const jsonLines: ReadonlySet<string> = new Set([
  'text/x-script',
  'text/sveltekit-data',
  'application/x-ndjson',
  'application/ndjson',
  'application/jsonl',
  'application/jsonlines',
  'application/x-json-stream',
]);

/** The kind of body that a `Content-Type` names; undefined if that kind is not rewritten. */
export function kindOf(type: string, enabled: EnabledKinds): BodyKind | undefined {
  const essence = essenceOf(type);
  // Turbo reads the latter as fragments of HTML: https://turbo.hotwired.dev/handbook/streams
  if (essence === 'text/html' || essence === 'text/vnd.turbo-stream.html')
    return enabled.html ? 'html' : undefined;
  if (essence === 'text/event-stream') return enabled.json || enabled.events ? 'events' : undefined;
  if (!enabled.json) return undefined;
  if (jsonLines.has(essence)) return 'json-lines';
  if (/^application\/(?:[\w.-]+\+)?json-seq$/.test(essence)) return 'json-seq';
  // GraphQL over HTTP, incremental delivery.
  if (essence === 'multipart/mixed') return boundaryOf(type) === undefined ? undefined : 'multipart';
  return isJsonType(essence) ? 'json' : undefined;
}

/** Whether a part of a multipart body with this type is one JSON value. */
export function isReadablePart(type: string): boolean {
  const kind = kindOf(type, { html: false, json: true, events: false });
  return kind === 'json' && !isUnreadable(charsetOf(type) ?? '');
}

/** Whether a client acts on every part of such a body at once, so that no part may wait in an encoder. */
export function isLive(kind: BodyKind): boolean {
  return kind === 'events' || kind === 'multipart';
}

/** Whether a type that is not rewritten is a text in which a browser or feed reader may find images. Code does not count. */
export function isUnreadText(type: string, enabled: EnabledKinds): boolean {
  if (kindOf(type, enabled) !== undefined) return false;
  const essence = essenceOf(type);
  if (/javascript$|ecmascript$/.test(essence)) return false;
  return (
    essence.startsWith('text/') ||
    essence === 'application/xml' ||
    essence.endsWith('+xml') ||
    isJsonType(essence) ||
    jsonLines.has(essence)
  );
}

function hasNoTransform(cacheControl: string): boolean {
  if (cacheControl === '') return false; // most pages have none
  return cacheControl.split(',').some((each) => each.trim().toLowerCase() === 'no-transform');
}

/**
 * Whether a `Content-Security-Policy` allows styles or scripts by hash: the browser would block one with a signed URL.
 * Import maps and speculation rules are scripts for it (HTML, "prepare the script element").
 */
export function allowsByHash(policy: string, directive: 'style-src' | 'script-src'): boolean {
  if (policy === '') return false; // most pages have none
  const directives = policy.split(/[;,]/).map((each) =>
    each
      .trim()
      .toLowerCase()
      .split(/[\t\n\f\r ]+/),
  );
  const own = directives.filter(([name]) => name?.startsWith(directive));
  const effective = own.length > 0 ? own : directives.filter(([name]) => name === 'default-src');
  return effective.some((sources) => sources.some((source) => /^'sha(?:256|384|512)-/.test(source)));
}
