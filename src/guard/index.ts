/** `app.use('/images', imageGuard(options), express.static('images'))` over `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { cutFreshness, forbidStorage } from '../http/freshness.ts';
import { type HeaderFields, ResponseFields } from '../http/header-fields.ts';
import { whenHeadersLeave } from '../http/headers-leaving.ts';
import { parseGuard } from '../options/parse.ts';
import { coreOf } from '../signer/core.ts';
import { Reporter } from '../signer/events.ts';
import { epochSeconds } from '../signing/expiry.ts';
import { printableUrl } from '../url/printable.ts';
import { admit, guardedBases, type SignedImage } from './admission.ts';

type Request = IncomingMessage & { readonly originalUrl?: string; signedImage?: SignedImage | undefined };

const lines: Readonly<Record<403 | 404, string>> = { 403: 'Forbidden\n', 404: 'Not Found\n' };

type Next = (error?: unknown) => void;

export function createGuard(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const { configuration, viewing, own } = parseGuard('imageGuard', options, coreOf);
  const bases = guardedBases(configuration.bases);
  const reporter = new Reporter(viewing.report);

  // A property's name: esbuild renames a function that is called as an export is.
  const { imageGuard } = {
    imageGuard(request: Request, response: ServerResponse, next: Next) {
      // A mount takes its path off `url`, and with it what the token is for.
      const target = request.originalUrl ?? request.url ?? '';
      const admission = admit(target, configuration, bases, configuration.now());
      if ('refuse' in admission) {
        reporter.tell({ type: 'refused', url: printableUrl(target), reason: admission.reason });
        if (own.isReportOnly) return next();
        return refuse(response, admission.refuse);
      }
      const { pass } = admission;
      request.signedImage = pass;
      if ('expiresAt' in pass) {
        whenHeadersLeave(response, (status, fields) => {
          limitFreshness(status, fields, pass.expiresAt, epochSeconds(configuration.now()), own.sharedCache);
        });
      }
      next();
    },
  };
  return imageGuard;
}

/** One answer for each status, whatever the reason: a refusal teaches nothing about keys, variants or images. */
function refuse(response: ServerResponse, status: 403 | 404): void {
  const fields = new ResponseFields(response, response.setHeader);
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding']) fields.remove(name);
  forbidStorage(fields); // a CDN may listen to what an earlier middleware has set for all responses
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(lines[status]),
  });
  response.end(lines[status]);
}

/** An image is kept as long as its token lives, and by nobody but the viewer who has it. */
function limitFreshness(
  status: number,
  fields: HeaderFields,
  expiresAt: number,
  now: number,
  sharedCache: boolean,
): void {
  if (status !== 200 && status !== 206 && status !== 304) return forbidStorage(fields);
  const life = Math.max(0, expiresAt - now);
  cutFreshness(fields, { life, otherwise: 'max-age', scope: sharedCache ? 'public' : 'private', now });
}
