/**
 * Responses without an image: Cloudflare's statuses, codes and texts. Like the guard's, they say nothing about keys, and only
 * reports say why a token is invalid.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { forbidStorage } from '../http/freshness.ts';
import { ResponseFields } from '../node/http/response-fields.ts';
import { onHeaders } from '../node/http/write-head.ts';
import type { RefusalReason } from '../options/events.ts';
import type { PicturePolicy, SchemeImage } from '../schemes/definition.ts';

/**
 * Why a request gets no image. Besides the guard's reasons: there is no such image file; it exceeds the limits; it is broken; its
 * always public variant cannot be made, and the original is not for everybody; too many pictures are waiting to be made; the
 * method is neither GET nor HEAD.
 */
export type DeliveryReason =
  | RefusalReason
  | 'not-found'
  | 'too-large'
  | 'broken'
  | 'original-only'
  | 'busy'
  | 'method';

export interface Refusal {
  readonly status: number;
  readonly reason: DeliveryReason;
  /** The request target as the client sent it. */
  readonly target: string;
  /** The image in the URL, if its variant is allowed. */
  readonly image?: SchemeImage | undefined;
  /** How the variant looks. */
  readonly picture?: PicturePolicy | undefined;
}

/** An SVG instead of a refusal's text. */
export interface Drawing {
  readonly status: number;
  readonly svg: string;
}

/** Draws an answer for people who look at it. @returns undefined for the usual text */
export type DrawRefusal = (refusal: Refusal, request: IncomingMessage) => Drawing | undefined;

/** An SVG may come from anybody, so it may do nothing but show itself. */
export const svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Cloudflare's, if it has one. @see https://developers.cloudflare.com/images/reference/troubleshooting/ */
  readonly code?: number | undefined;
}

const denied: Answer = { status: 403, code: 9425, text: 'Image access denied' };
const notFound: Answer = { status: 404, code: 9431, text: 'Image not found' };

/** The client cannot tell the other reasons apart: no valid token, or no such variant. */
const answers: Readonly<Partial<Record<DeliveryReason, Answer>>> = {
  'not-a-delivery-url': { status: 403, code: 9426, text: 'Invalid URL' },
  'account-not-allowed': { status: 403, code: 9427, text: 'Wrong account' },
  'not-found': notFound,
  'too-large': { status: 413, code: 9413, text: 'Image exceeds the maximum area' },
  broken: { status: 415, code: 9412, text: 'Not a valid image' },
  'original-only': { status: 501, text: 'Not Implemented' },
  busy: { status: 503, text: 'Service Unavailable' },
  method: { status: 405, text: 'Method Not Allowed' },
};

/** `w=400,h=300` instead of a name: https://developers.cloudflare.com/images/optimization/hosted-images/enable-flexible-variants/ */
const flexible: Answer = { status: 403, code: 9429, text: 'Flexible variants are not enabled' };

/** Other stores have no codes. */
const plainTexts: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
};

/** @param isCloudflare - whether the images are those of Cloudflare Images */
export function answerOf(reason: DeliveryReason, target: string, isCloudflare: boolean): Answer {
  const names = target.split('?', 1)[0]!.split('/');
  // A URL with fewer than three names cannot be an image's.
  const isElsewhere = reason === 'not-a-delivery-url' && (!isCloudflare || names.length < 4);
  if (reason === 'variant-not-allowed' && /[=,]/.test(names.at(-1)!)) return flexible;
  const answer = isElsewhere ? notFound : (answers[reason] ?? denied);
  return isCloudflare
    ? answer
    : { ...answer, code: undefined, text: plainTexts[answer.status] ?? answer.text };
}

export function sendRefusal(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, code }: Answer,
  drawing: Drawing | undefined,
): void {
  const fields = new ResponseFields(response, response.setHeader);
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding', 'Accept-Ranges']) fields.remove(name);
  // An outer middleware may set freshness of its own.
  forbidStorage(fields);
  onHeaders(response, (_status, sent) => forbidStorage(sent));
  const body = drawing?.svg ?? (code === undefined ? `${text}\n` : `ERROR ${code}: ${text}\n`);
  response.statusCode = drawing?.status ?? status;
  if (code !== undefined && response.statusCode >= 400) response.setHeader('cf-images', `err=${code}`);
  if (status === 405) response.setHeader('Allow', 'GET, HEAD');
  if (status === 503) response.setHeader('Retry-After', '1');
  response.setHeader('Content-Type', drawing === undefined ? 'text/plain; charset=utf-8' : 'image/svg+xml');
  if (drawing !== undefined) response.setHeader('Content-Security-Policy', svgPolicy);
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(request.method === 'HEAD' ? undefined : body);
}
