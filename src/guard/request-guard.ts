/**
 * The guard, for any framework: what it does with a request, and what caches may do with the response. An adapter reads the
 * request target, sends a refusal, and calls `limit` before the headers are sent.
 */
import { forbidStorage, limitFreshness } from '../http/freshness.ts';
import type { HeaderFields } from '../http/header-fields.ts';
import type { Configuration, GuardConfiguration } from '../options/configuration.ts';
import { parseGuard } from '../options/parse.ts';
import type { SchemeImage } from '../schemes/definition.ts';
import { readClockOrNaN } from '../signer/clock.ts';
import { coreOf, SigningCore } from '../signer/core.ts';
import { Reporter } from '../signer/reporter.ts';
import { epochSeconds } from '../signing/expiry.ts';
import { checkImages, publicImages, resolveTarget, type SignedImage } from './check.ts';

/** A refusal, with the body to send; a verified image; or undefined for a request that report mode lets through. */
export type GuardDecision = Refusal | SignedImage<SchemeImage> | undefined;

interface Refusal {
  readonly status: 403 | 404;
  readonly body: string;
}

export interface RequestGuard {
  /**
   * Called before every check: undefined if there is nothing to wait for; otherwise a promise that rejects with
   * KEY_UNAVAILABLE if there is no key.
   */
  ready(): Promise<void> | undefined;
  /** @param target - path and query as the client sent them */
  check(target: string, method: string | undefined): GuardDecision;
  /** Limits the lifetime of the response to a request that was let through. Called before its headers are sent. */
  limit(passed: SignedImage<SchemeImage> | undefined, status: number, fields: HeaderFields): void;
}

/** One body per status, for every reason: a refusal says nothing about keys, variants or images. */
const bodies: Readonly<Record<403 | 404, string>> = { 403: 'Forbidden\n', 404: 'Not Found\n' };

/** @throws ImageSignerError INVALID_OPTION */
export function createRequestGuard(options: unknown): RequestGuard {
  const { signer, configuration, access, own } = parseGuard('imageGuard', options, coreOf);
  const core = signer ?? new SigningCore(configuration);
  return {
    ready() {
      const pending = core.ready();
      return own.isReportOnly ? pending?.catch(() => {}) : pending;
    },
    check(target, method) {
      if (own.isReportOnly && !core.hasKey) return undefined; // there is nothing to compare with
      const reporter = new Reporter(access.report, { source: { method, target } });
      const found = resolveTarget(target, configuration);
      const isPublic = publicImages(own.isPublic, reporter);
      const result = checkImages(found, configuration, readClockOrNaN(configuration), isPublic);
      if ('pass' in result) return result.pass;
      reporter.refused(target, result.reason);
      return own.isReportOnly ? undefined : { status: result.refuse, body: bodies[result.refuse] };
    },
    limit(passed, status, fields) {
      if (passed === undefined || !('expiresAt' in passed)) return;
      limitImageFreshness(status, fields, passed.expiresAt, configuration, own);
    },
  };
}

export function isRefusal(decision: GuardDecision): decision is Refusal {
  return decision !== undefined && 'status' in decision;
}

/** Removes the headers that earlier middleware set for the body that it expected. */
export function setRefusalHeaders(fields: HeaderFields): void {
  for (const name of ['ETag', 'Last-Modified', 'Content-Encoding']) fields.remove(name);
  // An earlier middleware may have set CDN-Cache-Control or the like for every response of the site.
  forbidStorage(fields);
  fields.set('Content-Type', 'text/plain; charset=utf-8');
  fields.set('X-Content-Type-Options', 'nosniff');
}

/** An image may be cached until its token expires, by the viewer's own cache unless `sharedCache` says otherwise. */
export function limitImageFreshness(
  status: number,
  fields: HeaderFields,
  expiresAt: number,
  configuration: Configuration,
  { sharedCache }: Pick<GuardConfiguration, 'sharedCache'>,
): void {
  const now = epochSeconds(readClockOrNaN(configuration));
  const isImage = status === 200 || status === 206 || status === 304;
  if (!isImage || Number.isNaN(now)) return forbidStorage(fields); // with a clock that cannot be trusted, too
  const lifetime = Math.max(0, expiresAt - now);
  limitFreshness(fields, { lifetime, otherwise: 'max-age', scope: sharedCache ? 'public' : 'private', now });
}
