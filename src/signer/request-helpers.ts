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
export interface RequestHelpers {
  readonly signImage: (image: string, variant?: unknown, options?: unknown) => string;
  readonly signSrcset: (image: string, candidates?: unknown, options?: unknown) => string;
  readonly signData: <Data>(data: Data, options?: unknown) => Data;
}

export function bindHelpers(response: Response): RequestHelpers {
  return {
    signImage: signImage.bind(undefined, response),
    signSrcset: signSrcset.bind(undefined, response),
    signData: signResponseData.bind(undefined, response) as RequestHelpers['signData'],
  };
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
