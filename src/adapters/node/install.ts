/** Installs the middleware on a response, in whatever framework. A second one on the same response joins the first. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createInstance } from '../../response/instance.ts';
import type { Adapter } from './adapter.ts';
import { ResponseState, responseStateOf } from './response-state.ts';

/** @returns whether this is the first middleware of the package on this response */
export type Install = (
  request: IncomingMessage,
  response: ServerResponse,
  createAdapter: () => Adapter,
) => boolean;

/** @throws ImageSignerError INVALID_OPTION */
export function createInstall(options: unknown): Install {
  const instance = createInstance(options);
  let hasReported = false;
  return (request, response, createAdapter) => {
    const state = responseStateOf(response);
    if (state === undefined) {
      new ResponseState(request, response, createAdapter(), instance);
      return true;
    }
    if (state.hasSameOptions(instance)) state.reinstall();
    else if (!response.headersSent) {
      if (!hasReported) instance.reporter.report({ type: 'installed-twice' });
      hasReported = true;
      state.replaceInstance(instance);
    }
    return false;
  };
}
