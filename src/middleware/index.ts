/** `app.use(imageSigner(options))` over `node:http`: the middleware itself. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseMiddleware } from '../options/parse.ts';
import { coreOf, SignerCore } from '../signer/core.ts';
import { Reporter } from '../signer/events.ts';
import { PageMemo } from '../signer/page-memo.ts';
import type { EpochSeconds } from '../signing/expiry.ts';
import { createTagSuffix } from './entity-tag.ts';
import type { Mount } from './mount.ts';
import { MountedResponse, mountedOn } from './mounted-response.ts';

export type Next = (error?: unknown) => void;

export function createMiddleware(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const { signer, configuration, viewing, own } = parseMiddleware('imageSigner', options, coreOf);
  const core = signer ?? new SignerCore(configuration);
  const reporter = new Reporter(viewing.report);
  const suffixAt = createTagSuffix(core, viewing, own);
  let pages: PageMemo | undefined;
  const pagesAt = (now: EpochSeconds): PageMemo => {
    const suffix = suffixAt(now);
    if (!pages?.holdsFor(suffix)) pages = new PageMemo(suffix);
    return pages;
  };
  const mount: Mount = { core, viewing, configuration: own, reporter, suffixAt, pagesAt };
  let hasReported = false;

  // A property's name: esbuild renames a function that is called as an export is.
  const { imageSigner } = {
    imageSigner(request: IncomingMessage, response: ServerResponse, next: Next) {
      const mounted = mountedOn(response);
      if (mounted === undefined) new MountedResponse(request, response, mount);
      else if (mounted.holds(mount)) mounted.renew();
      else if (!response.headersSent) {
        if (!hasReported) reporter.tell({ type: 'mounted-again' });
        hasReported = true;
        mounted.adopt(mount);
      }
      next();
    },
  };
  return imageSigner;
}
