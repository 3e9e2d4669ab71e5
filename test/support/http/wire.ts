/** One handler, with us and without us, and what of its answer is compared. */
import { expect } from 'vitest';
import { type ImageSignerOptions, imageSigner, type Middleware } from '../../../src/index.ts';
import { base, countTokens, url, withoutTokens } from '../samples.ts';
import { type Framework, type Handler, withSite } from '../servers/frameworks.ts';
import { type RawRequest, type RawResponse, send } from './raw.ts';

/** Two URLs to sign. */
export const page: string = `<!DOCTYPE html><title>x</title><img src="${url()}"><p style="background:url(${url('card')})">text`;
export const ours = (options: object = {}): Middleware =>
  imageSigner({ ...base, ...options } as ImageSignerOptions);

export function ask(framework: Framework, handler: Handler, request: RawRequest = {}): Promise<RawResponse> {
  return withSite(framework.build([ours()], handler), (port) => send(port, '/', request));
}

export function askPlain(
  framework: Framework,
  handler: Handler,
  request: RawRequest = {},
): Promise<RawResponse> {
  return withSite(framework.build([], handler), (port) => send(port, '/', request));
}

/** In order of name, without what the clock decides. */
export function fieldsOf({ headers }: RawResponse, without: readonly string[] = []): string[] {
  return headers
    .filter(([name]) => name !== 'date' && !without.includes(name))
    .map((field) => field.join(': '))
    .sort();
}

/** @param body - without tokens; whatever names the delivery in it is to be signed */
export function expectSigned(response: RawResponse, body: string = page): void {
  expect(response.status).toBe(200);
  expect(response.isComplete).toBe(true);
  expect(withoutTokens(response.text)).toBe(body);
  expect(countTokens(response.text)).toBe(body.split('imagedelivery.net').length - 1);
}
