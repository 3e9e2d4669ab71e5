/**
 * `signImage`, `signSrcset` and `signData` of one response, for handlers. They are bound functions, not closures: V8 may allocate a
 * closure in the old generation, and then a response and all its objects wait for a major collection. In Koa that took more time
 * than the rest of the middleware.
 */
import type { ExtraTargets } from '../rewriting/options.ts';
import type { ResponseInProgress } from './core.ts';
import { signData } from './data.ts';

interface Response {
  /** Begins when a helper is first called. */
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
