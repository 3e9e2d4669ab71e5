/**
 * `signImage`, `signSrcset` and `signData` of one response, for handlers. They are bound functions, not closures: V8 may allocate a
 * closure where only a major collection looks, and every response with all that belongs to it then waits for that one. In
 * Koa that took more time than the rest of the middleware does.
 */
import type { ExtraTargets } from '../rewriting/options.ts';
import type { ResponseInProgress } from './core.ts';
import { signData } from './data.ts';

interface Response {
  /** Begins with the first call of a helper. */
  readonly inProgress: ResponseInProgress;
  /** Of the middleware. */
  readonly extraTargets: ExtraTargets;
}

/** They throw as the signer's own methods do. */
export type SignHelper = (image: string, second?: unknown, options?: unknown) => string;

export type SignDataHelper = <Data>(data: Data, options?: unknown) => Data;

export function bindSignImage(response: Response): SignHelper {
  return signImage.bind(undefined, response);
}

export function bindSignSrcset(response: Response): SignHelper {
  return signSrcset.bind(undefined, response);
}

export function bindSignData(response: Response): SignDataHelper {
  return signResponseData.bind(undefined, response) as SignDataHelper;
}

function signImage(response: Response, image: string, variant?: unknown, options?: unknown): string {
  return response.inProgress.signer.signImage(image, variant, options);
}

function signSrcset(response: Response, image: string, candidates?: unknown, options?: unknown): string {
  return response.inProgress.signer.signSrcset(image, candidates, options);
}

function signResponseData<Data>(response: Response, data: Data, options?: unknown): Data {
  return signData(data, options, 'helper', () => response.inProgress, response.extraTargets);
}
