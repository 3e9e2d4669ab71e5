/** `app.use('/images', imageGuard(options), express.static('images'))` over `node:http`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { admit, guardedBases, type SignedImage } from '../../guard/check.ts';
import { cutFreshness, forbidStorage } from '../../http/freshness.ts';
import { type HeaderFields, ResponseFields } from '../../http/header-fields.ts';
import { whenHeadersLeave } from '../../node-http/on-headers.ts';
import { parseGuard } from '../../options/parse.ts';
import { readClockOrNaN } from '../../signer/clock.ts';
import { coreOf } from '../../signer/core.ts';
import { Reporter } from '../../signer/events.ts';
import { epochSeconds } from '../../signing/expiry.ts';

type Request = IncomingMessage & { readonly originalUrl?: string; signedImage?: SignedImage | undefined };

const lines: Readonly<Record<403 | 404, string>> = { 403: 'Forbidden\n', 404: 'Not Found\n' };

type Next = (error?: unknown) => void;

/** What becomes of a request: it is refused, or goes on, with a verified image or, in report mode, without. */
type Verdict = { readonly refused: 403 | 404 } | SignedImage | undefined;

/**
 * The guard of whatever framework.
 * @returns judges by the path and query as the client sent them; of a refusal it sets the headers
 * @throws ImageSignerError INVALID_OPTION
 */
function createGate(options: unknown): (target: string, response: ServerResponse) => Verdict {
  const { configuration, viewing, own } = parseGuard('imageGuard', options, coreOf);
  const bases = guardedBases(configuration.bases);
  const reporter = new Reporter(viewing.report);
  return (target, response) => {
    const admission = admit(target, configuration, bases, readClockOrNaN(configuration));
    if ('refuse' in admission) {
      reporter.refused(target, admission.reason);
      if (own.isReportOnly) return undefined;
      setRefusalHeaders(response, admission.refuse);
      return { refused: admission.refuse };
    }
    const { pass } = admission;
    if ('expiresAt' in pass) {
      whenHeadersLeave(response, (status, fields) => {
        const now = epochSeconds(readClockOrNaN(configuration));
        limitFreshness(status, fields, pass.expiresAt, now, own.sharedCache);
      });
    }
    return pass;
  };
}

export function createGuard(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const judge = createGate(options);
  // A property's name: esbuild renames a function that is called as an export is.
  const { imageGuard } = {
    imageGuard(request: Request, response: ServerResponse, next: Next) {
      // A mount takes its path off `url`, and with it what the token is for.
      const verdict = judge(request.originalUrl ?? request.url ?? '', response);
      if (verdict !== undefined && 'refused' in verdict) {
        response.statusCode = verdict.refused;
        response.end(lines[verdict.refused]);
        return;
      }
      if (verdict !== undefined) request.signedImage = verdict;
      next();
    },
  };
  return imageGuard;
}

/** A context of Koa, as far as it is used here. */
interface KoaContext {
  readonly originalUrl: string;
  readonly res: ServerResponse;
  readonly state: { signedImage?: SignedImage | undefined };
  status: number;
  body: unknown;
}

export function createKoaGuard(
  options: unknown,
): (context: KoaContext, next: () => Promise<unknown>) => Promise<void> {
  const judge = createGate(options);
  const { imageGuard } = {
    async imageGuard(context: KoaContext, next: () => Promise<unknown>) {
      const verdict = judge(context.originalUrl, context.res);
      if (verdict !== undefined && 'refused' in verdict) {
        context.status = verdict.refused;
        context.body = lines[verdict.refused];
        // Middleware before us may still have headers to set.
        whenHeadersLeave(context.res, (_status, fields) => forbidStorage(fields));
        return;
      }
      if (verdict !== undefined) context.state.signedImage = verdict;
      await next();
    },
  };
  return imageGuard;
}

/** One answer for each status, whatever the reason: a refusal teaches nothing about keys, variants or images. */
function setRefusalHeaders(response: ServerResponse, status: 403 | 404): void {
  const fields = new ResponseFields(response, response.setHeader);
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding']) fields.remove(name);
  forbidStorage(fields); // a CDN may listen to what an earlier middleware has set for all responses
  fields.set('Content-Type', 'text/plain; charset=utf-8');
  fields.set('X-Content-Type-Options', 'nosniff');
  fields.set('Content-Length', String(Buffer.byteLength(lines[status])));
}

/**
 * An image is kept as long as its token lives, and by nobody but the viewer who has it.
 * @param now - in Unix seconds; `NaN` where nobody knows for how long that is
 */
function limitFreshness(
  status: number,
  fields: HeaderFields,
  expiresAt: number,
  now: number,
  sharedCache: boolean,
): void {
  const isImage = status === 200 || status === 206 || status === 304;
  if (!isImage || Number.isNaN(now)) return forbidStorage(fields);
  const life = Math.max(0, expiresAt - now);
  cutFreshness(fields, { life, otherwise: 'max-age', scope: sharedCache ? 'public' : 'private', now });
}
