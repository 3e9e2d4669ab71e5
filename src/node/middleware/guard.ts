/**
 * `app.use('/images', imageGuard(options), express.static('images'))` over `node:http`. The guards of Koa and Fastify share
 * its checks, and the headers of its answers; each framework's adapter sends a refusal itself.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkTarget, type SignedImage } from '../../guard/check.ts';
import { forbidStorage, limitFreshness } from '../../http/freshness.ts';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { GuardConfiguration } from '../../options/configuration.ts';
import { parseGuard } from '../../options/parse.ts';
import type { SchemeImage } from '../../schemes/definition.ts';
import { readClockOrNaN } from '../../signer/clock.ts';
import { coreOf, SigningCore } from '../../signer/core.ts';
import { Reporter } from '../../signer/reporter.ts';
import { epochSeconds } from '../../signing/expiry.ts';
import { ResponseFields } from '../http/response-fields.ts';
import { onHeaders } from '../http/write-head.ts';
import type { Next } from './middleware.ts';
import { whenReady } from './send.ts';

type Request = IncomingMessage & {
  readonly originalUrl?: string;
  signedImage?: SignedImage<SchemeImage> | undefined;
};

/** @throws ImageSignerError INVALID_OPTION */
export function createGuard(
  options: unknown,
): (request: IncomingMessage, response: ServerResponse, next: Next) => void {
  const guard = createRequestGuard(options);
  function imageGuardMiddleware(request: Request, response: ServerResponse, next: Next): void {
    const run = (): void => {
      // Express takes the mount path off `url`, but the token was made for the whole path.
      const decision = guard.check(request.originalUrl ?? request.url ?? '', response);
      if (isRefusal(decision)) {
        response.statusCode = decision.status;
        response.end(decision.body);
        return;
      }
      if (decision !== undefined) request.signedImage = decision;
      next();
    };
    whenReady(guard.ready(), run, next, request, response);
  }
  return imageGuardMiddleware;
}

/** A refusal, with the body to send; a verified image; or undefined for a request that report mode lets through. */
type GuardDecision =
  | { readonly status: 403 | 404; readonly body: string }
  | SignedImage<SchemeImage>
  | undefined;

/** One body a status, whatever the reason: a refusal says nothing about keys, variants or images. */
const bodies: Readonly<Record<403 | 404, string>> = { 403: 'Forbidden\n', 404: 'Not Found\n' };

interface RequestGuard {
  /**
   * Before each check: undefined if there is nothing to wait for; otherwise a promise, which is rejected with
   * KEY_UNAVAILABLE if there is no key to check with.
   */
  ready(): Promise<void> | undefined;
  /**
   * Decides by the path and query as the client sent them.
   * @param fields - where the headers of a refusal are set; those of the response if left out
   */
  check(target: string, response: ServerResponse, fields?: HeaderFields): GuardDecision;
}

/** @throws ImageSignerError INVALID_OPTION */
export function createRequestGuard(options: unknown): RequestGuard {
  const { signer, configuration, access, own } = parseGuard('imageGuard', options, coreOf);
  const core = signer ?? new SigningCore(configuration);
  function check(target: string, response: ServerResponse, fields?: HeaderFields): GuardDecision {
    if (own.isReportOnly && !core.hasKey) return undefined; // there is nothing to compare with
    const result = checkTarget(target, configuration, readClockOrNaN(configuration));
    if ('refuse' in result) {
      const { method } = (response as { readonly req?: IncomingMessage }).req ?? {};
      new Reporter(access.report, { method, target }).refused(target, result.reason);
      if (own.isReportOnly) return undefined;
      const body = bodies[result.refuse];
      setRefusalHeaders(fields ?? new ResponseFields(response, response.setHeader), body);
      // Outer middleware may still set freshness headers of its own.
      onHeaders(response, (_status, sent) => forbidStorage(sent));
      return { status: result.refuse, body };
    }
    const { pass } = result;
    if ('expiresAt' in pass) {
      onHeaders(response, (status, sent) => {
        const now = epochSeconds(readClockOrNaN(configuration));
        limitImageFreshness(status, sent, pass.expiresAt, now, own);
      });
    }
    return pass;
  }
  return {
    ready() {
      const pending = core.ready();
      return own.isReportOnly ? pending?.catch(() => {}) : pending;
    },
    check,
  };
}

export function isRefusal(decision: GuardDecision): decision is Extract<GuardDecision, { status: number }> {
  return decision !== undefined && 'status' in decision;
}

function setRefusalHeaders(fields: HeaderFields, body: string): void {
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding']) fields.remove(name);
  // An earlier middleware may have set CDN-Cache-Control or the like for every response of the site.
  forbidStorage(fields);
  fields.set('Content-Type', 'text/plain; charset=utf-8');
  fields.set('X-Content-Type-Options', 'nosniff');
  fields.set('Content-Length', String(Buffer.byteLength(body)));
}

/**
 * An image may be cached until its token expires, by the viewer's own cache unless `sharedCache` says otherwise.
 * @param now - in Unix seconds; `NaN` if the clock cannot be trusted: then nothing may be cached
 */
function limitImageFreshness(
  status: number,
  fields: HeaderFields,
  expiresAt: number,
  now: number,
  { sharedCache }: GuardConfiguration,
): void {
  const isImage = status === 200 || status === 206 || status === 304;
  if (!isImage || Number.isNaN(now)) return forbidStorage(fields);
  const lifetime = Math.max(0, expiresAt - now);
  limitFreshness(fields, { lifetime, otherwise: 'max-age', scope: sharedCache ? 'public' : 'private', now });
}
