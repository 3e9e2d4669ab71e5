/**
 * Reads a request to the signing endpoint: the URLs to sign, from its target or body, and the format of the response. It does not
 * check the URLs.
 */
import { type ErrorResponse, errorResponses } from './responses.ts';

export type Route =
  | { readonly kind: 'image'; readonly url: string }
  | {
      readonly kind: 'endpoint';
      /** Without `?`. */
      readonly query: string;
    };

/**
 * Routes a request target: to one image, whose URL follows the endpoint's path, or to the endpoint itself.
 * @param target - in origin form or absolute form (RFC 9112, 3.2), as the client sent it
 * @param basePath - the option `path`; empty where the framework removes the mount path
 * @returns undefined for a target that is not under the base path
 */
export function routeOf(target: string, basePath: string = ''): Route | undefined {
  const text = withoutOrigin(target);
  const query = text.includes('?') ? text.indexOf('?') : text.length;
  const path = text.slice(0, query);
  if (!path.startsWith('/') || (path !== basePath && !path.startsWith(`${basePath}/`))) return undefined;
  return /^\/*$/.test(path.slice(basePath.length))
    ? { kind: 'endpoint', query: text.slice(query + 1) }
    : { kind: 'image', url: imageUrl(text.slice(basePath.length)) };
}

/** @returns undefined unless `url` is the only parameter: another one may belong to an image URL that is not encoded */
export function urlInQuery(query: string): string | undefined {
  const parameters = [...new URLSearchParams(`?${query}`)]; // URLSearchParams strips one leading `?`
  const [[name, url] = []] = parameters;
  return parameters.length === 1 && name === 'url' ? url : undefined;
}

function withoutOrigin(target: string): string {
  const origin = /^https?:\/\/[^/?#]*/i.exec(target)?.[0];
  if (origin === undefined) return target;
  const rest = target.slice(origin.length);
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Turns `/https://host/…` into an absolute URL, even if a proxy has merged its slashes. Anything else is a path-absolute URL.
 * Several leading slashes count as one, since Express 4 may leave a second one after the mount path.
 */
function imageUrl(path: string): string {
  const [head, scheme] = /^\/+(https?:)\/{1,2}(?!\/)/i.exec(path) ?? [];
  return head === undefined ? path.replace(/^\/+/, '/') : `${scheme}//${path.slice(head.length)}`;
}

/**
 * Whether `Accept` asks for JSON rather than plain text. A type's weight comes from the most specific range that matches it
 * (RFC 9110, 12.5.1); without one, the type is not acceptable. Of two acceptable types, the greater weight wins, then the more
 * specific range, then the earlier one, as in the package `negotiator`.
 *
 * Text is the default, since many clients send a wildcard without thinking of JSON: if only the wildcard matches JSON, text is
 * sent unless it is not acceptable.
 */
export function prefersJson(accept: string): boolean {
  const ranges = accept.split(',').map(parseRange);
  const json = mostSpecific(ranges, ['*/*', 'application/*', 'application/json']);
  const text = mostSpecific(ranges, ['*/*', 'text/*', 'text/plain']);
  if (json.weight === 0 || text.weight === 0) return json.weight > 0;
  if (json.specificity === 0) return false;
  return (json.weight - text.weight || json.specificity - text.specificity || text.index - json.index) > 0;
}

interface MediaRange {
  readonly type: string;
  readonly weight: number;
}

/** The range that gives a type its weight. */
interface Match {
  readonly weight: number;
  /** 0 for all types, 1 for all subtypes of a type, 2 for the type itself. */
  readonly specificity: number;
  /** Its index in the list. */
  readonly index: number;
}

/** @param names - the ranges that match a type, the least specific first. If a range is repeated, the greatest weight counts. */
function mostSpecific(ranges: readonly MediaRange[], names: readonly string[]): Match {
  let best: Match = { weight: 0, specificity: -1, index: -1 };
  for (const [index, { type, weight }] of ranges.entries()) {
    const specificity = names.indexOf(type);
    if (specificity < 0) continue;
    if ((specificity - best.specificity || weight - best.weight) > 0) best = { weight, specificity, index };
  }
  return best;
}

function parseRange(text: string): MediaRange {
  const [type = '', ...parameters] = text.split(';').map((each) => each.trim().toLowerCase());
  const weight = parameters.find((each) => /^q\s*=/.test(each));
  return { type, weight: weight === undefined ? 1 : parseWeight(weight.slice(weight.indexOf('=') + 1)) };
}

/** An invalid weight counts as 0: the range is not acceptable. */
function parseWeight(text: string): number {
  return /^\s*(?:0(?:\.\d*)?|1(?:\.0*)?)$/.test(text) ? Number(text) : 0;
}

/** The body from an adapter: bytes or text, or the value of the app's body parser. */
export type Body =
  | { readonly value: unknown }
  /** `unreadable`: it has a content coding. `aborted`: the client disconnected before it sent everything. */
  | 'too-long'
  | 'unreadable'
  | 'aborted';

/** The limit for a body, and for all its URLs together. */
export const maxBodyBytes: number = 64 * 1024;
const maxUrls = 100;

/** Whether a `Content-Type` is JSON. Any site can make a browser send a form or plain text, without a CORS preflight. */
export function isJsonType(contentType: string): boolean {
  return /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

/**
 * Reads the URLs from the body of a `POST`.
 * @returns the URLs in order, without duplicates
 */
export function readUrls(value: unknown): readonly string[] | ErrorResponse {
  const parsed = typeof value === 'string' || value instanceof Uint8Array ? parse(value) : value;
  if (parsed === tooLong) return errorResponses.bodyTooLong;
  const urls: unknown =
    typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, 'urls')
      ? Reflect.get(parsed, 'urls')
      : undefined;
  if (!Array.isArray(urls)) return errorResponses.missingUrls;
  if (urls.length > maxUrls) return errorResponses.tooManyUrls;
  if (!urls.every((url) => typeof url === 'string')) return errorResponses.missingUrls;
  // A body parser may have a higher limit.
  if (urls.reduce((sum, url) => sum + url.length, 0) > maxBodyBytes) return errorResponses.bodyTooLong;
  return [...new Set(urls)];
}

const tooLong: unique symbol = Symbol('too long');

/** @returns undefined for invalid JSON */
function parse(body: string | Uint8Array): unknown {
  if (body.length > maxBodyBytes) return tooLong;
  try {
    return JSON.parse(
      typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body),
    );
  } catch {
    return undefined;
  }
}
