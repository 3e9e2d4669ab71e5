/** Mounts on responses, in whatever framework: the first one is what later ones add to. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createMount } from '../../response/instance.ts';
import type { Framework } from './adapter.ts';
import { MountedResponse, mountedOn } from './response-state.ts';

/** @returns whether it is the response's first mount */
export type MountOn = (
  request: IncomingMessage,
  response: ServerResponse,
  framework: () => Framework,
) => boolean;

/** @throws ImageSignerError INVALID_OPTION */
export function createMounting(options: unknown): MountOn {
  const mount = createMount(options);
  let hasReported = false;
  return (request, response, framework) => {
    const mounted = mountedOn(response);
    if (mounted === undefined) {
      new MountedResponse(request, response, framework(), mount);
      return true;
    }
    if (mounted.holds(mount)) mounted.renew();
    else if (!response.headersSent) {
      if (!hasReported) mount.reporter.tell({ type: 'mounted-again' });
      hasReported = true;
      mounted.adopt(mount);
    }
    return false;
  };
}
