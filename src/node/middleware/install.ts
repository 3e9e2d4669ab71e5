/** Installs the middleware on a response, in any framework. A second one on the same response joins the first. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createInstance } from '../../pages/instance.ts';
import { Reporter } from '../../signer/reporter.ts';
import { hasSentHead } from '../http/response-fields.ts';
import type { Adapter } from './adapter.ts';
import { isOfAnotherVersion, ResponseState, responseStateOf } from './response-state.ts';

export interface Install {
  (request: IncomingMessage, response: ServerResponse, createAdapter: () => Adapter): void;
  /** Call it before every install; undefined if there is nothing to wait for. */
  ready(): Promise<void> | undefined;
}

/**
 * @param earlierRoute - finds a route that answers before the middleware; called for the first request, if events are reported
 * @throws ImageSignerError INVALID_OPTION
 */
export function createInstall(
  options: unknown,
  earlierRoute?: (request: IncomingMessage) => string | undefined,
): Install {
  const instance = createInstance(options);
  const { report } = instance.access;
  let isOrderKnown = report === undefined || earlierRoute === undefined;
  let hasReported = false;
  const install = (
    request: IncomingMessage,
    response: ServerResponse,
    createAdapter: () => Adapter,
  ): void => {
    if (!isOrderKnown) {
      isOrderKnown = true;
      const route = earlierRoute?.(request);
      if (route !== undefined)
        new Reporter(report, createAdapter()).report({ type: 'installed-late', route });
    }
    if (isOfAnotherVersion(response)) return;
    const state = responseStateOf(response);
    if (state === undefined) new ResponseState(request, response, createAdapter(), instance);
    else if (state.hasSameOptions(instance)) state.reinstall();
    else if (!hasSentHead(response)) {
      if (!hasReported) new Reporter(report, createAdapter()).report({ type: 'installed-twice' });
      hasReported = true;
      state.replaceInstance(instance);
    }
  };
  return Object.assign(install, { ready: () => instance.core.ready() });
}
