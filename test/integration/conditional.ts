/** What tests of conditional requests share: one route behind the middleware, and what a whole, signed page is. */
import compression from 'compression';
import type { Express } from 'express';
import { expect } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { base, countTokens, withoutTokens } from '../support/samples.ts';
import {
  type CreateExpress,
  decoded,
  page,
  siteOf,
  tokensOfPage,
  type Way,
} from '../support/servers/express-site.ts';

export type Compressing = 'none' | 'before' | 'after';

/** A tag as it goes out with a page: weak, and bound to the tokens. */
export const boundTag: RegExp = /^W\/".*-is\.[0-9a-f]{24}"$/;
/** In seconds: longer than any step of the options that tests share. */
export const aDay = 86_400;

export interface SiteOptions {
  /** Of the middleware. */
  readonly options?: object;
  readonly compressing?: Compressing;
}

/** One way, on a site of its own. */
export function conditionalSite(
  create: CreateExpress,
  folder: string,
  way: Way,
  { options = {}, compressing = 'none' }: SiteOptions = {},
): Express {
  const ours = imageSigner({ ...base, ...options } as ImageSignerOptions);
  const zip = compression({ threshold: 0 });
  const mounts = { none: [ours], before: [zip, ours], after: [ours, zip] }[compressing];
  return siteOf(create, folder, mounts, [way]);
}

export function get(
  port: number,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<RawResponse> {
  return send(port, '/0', { method, headers: { 'accept-encoding': 'gzip', ...headers } });
}

/** @param why - for the message */
export function expectWholePage(response: RawResponse, why: string): void {
  expect(response.status, why).toBe(200);
  expect(response.isComplete, why).toBe(true);
  const text = decoded(response).toString();
  expect(withoutTokens(text), why).toBe(page);
  expect(countTokens(text), why).toBe(tokensOfPage);
}
