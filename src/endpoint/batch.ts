/** Reads the URLs from the body of a `POST`. It does not look at the URLs themselves. */
import { type ErrorResponse, errorResponses } from './error-responses.ts';

/** The body from an adapter: the bytes or text, or what a body parser of the app has made of it. */
export type Body =
  | { readonly value: unknown }
  /** `unreadable`: it has a content coding. `aborted`: the client disconnected before it had sent everything. */
  | 'too-long'
  | 'unreadable'
  | 'aborted';

/** The limit of a body, and of all its URLs together. */
export const maxBodyBytes: number = 64 * 1024;
const maxUrls = 100;

/** Whether a `Content-Type` is JSON. Any site can make a browser send a form or plain text, without a CORS preflight. */
export function isJsonType(contentType: string): boolean {
  return /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

/** @returns the URLs in order, without duplicates */
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
  // A body parser may have a higher limit than we have.
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
