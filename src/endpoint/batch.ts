/** The body of a `POST` -> the URLs that it asks for, or what is wrong with it. It does not look at the URLs. */
import { type ErrorResponse, errorResponses } from './error-responses.ts';

/** A body as a porch has it: what a parser has made of it, or as it came. */
export type Body =
  | { readonly value: unknown }
  /** `unreadable`: encoded, by `Content-Encoding`. `aborted`: the client, before it had sent all of it. */
  | 'too-long'
  | 'unreadable'
  | 'aborted';

/** As long as a body, and all URLs of it together, may be. */
export const maxBodyBytes: number = 64 * 1024;
const maxUrls = 100;

/** Whether a `Content-Type` says JSON. A form or plain text, which any site can make a browser send, does not. */
export function isJsonType(contentType: string): boolean {
  return /^\s*application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(contentType);
}

/** @returns each URL once, in the order in which they stand */
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
  // A parser may take longer bodies than this.
  if (urls.reduce((sum, url) => sum + url.length, 0) > maxBodyBytes) return errorResponses.bodyTooLong;
  return [...new Set(urls)];
}

const tooLong: unique symbol = Symbol('too long');

/** @returns undefined for what is no JSON */
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
