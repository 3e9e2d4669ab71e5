/**
 * Requests that get no image: Cloudflare's statuses, codes and texts. Like the guard's, an answer says nothing about keys,
 * and why a token is not valid is left to reports.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { forbidStorage } from '../http/freshness.ts';
import { ResponseFields } from '../node/http/response-fields.ts';
import { onHeaders } from '../node/http/write-head.ts';
import type { RefusalReason } from '../options/events.ts';
import type { PicturePolicy, SchemeImage } from '../schemes/definition.ts';

/**
 * Why a request gets no image. Besides what the guard knows: there is no such file, or it is no image; it takes more than the
 * limits allow, or is broken; its always public variant cannot be made, and the original is not for everybody; too many pictures
 * wait to be made; the method is neither GET nor HEAD.
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
  /** What the URL names, where it names an image of an allowed variant. */
  readonly image?: SchemeImage | undefined;
  /** What the variant looks like. */
  readonly picture?: PicturePolicy | undefined;
}

/** An SVG in the place of a refusal's text. */
export interface Drawing {
  readonly status: number;
  readonly svg: string;
}

/** Draws an answer for people who look at it. @returns undefined for the usual text */
export type DrawRefusal = (refusal: Refusal, request: IncomingMessage) => Drawing | undefined;

/** What an SVG may do: nothing but show itself. It may come from anybody. */
export const svgPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

interface Answer {
  readonly status: number;
  readonly text: string;
  /** Cloudflare's, if it has one. @see https://developers.cloudflare.com/images/reference/troubleshooting/ */
  readonly code?: number | undefined;
}

const denied: Answer = { status: 403, code: 9425, text: 'Image access denied' };
const notFound: Answer = { status: 404, code: 9431, text: 'Image not found' };

/** All other reasons are the same to who asks: there is no valid token, or no such variant. */
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

/** `w=400,h=300` in the place of a name: https://developers.cloudflare.com/images/optimization/hosted-images/enable-flexible-variants/ */
const flexible: Answer = { status: 403, code: 9429, text: 'Flexible variants are not enabled' };

/** In other stores a refusal has no number. */
const plainTexts: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
};

/** @param isCloudflare - whether the images are those of Cloudflare Images */
export function answerOf(reason: DeliveryReason, target: string, isCloudflare: boolean): Answer {
  const names = target.split('?', 1)[0]!.split('/');
  // Fewer than three names are no URL of an image at all.
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
