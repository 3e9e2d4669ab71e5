/**
 * `app.register(imageGuard, { prefix: '/images', … })` of Fastify: guards every route of the scope that registers it. With a
 * prefix, it guards the routes whose requests may be served from below that path.
 */

import { plainPath } from '../../validation/base.ts';
import { readGiven, readObject } from '../../validation/object.ts';
import { onHeaders } from '../http/on-headers.ts';
import { createRequestGuard, isRefusal } from '../middleware/guard-answer.ts';
import { whenReady } from '../middleware/readiness.ts';
import { behindScope, mayBeBelow } from './below.ts';
import {
  createSharedPlugin,
  type FastifyInstance,
  type FastifyPlugin,
  type FastifyRequest,
} from './reply.ts';
import { ReplyFields } from './reply-fields.ts';

const prefix = /* @__PURE__ */ plainPath(
  "Such as '/images'; leave it out to guard every route of the scope.",
);

/** It throws ImageSignerError INVALID_OPTION, which Fastify reports when the app starts. */
export const imageGuardPlugin: FastifyPlugin = createSharedPlugin(
  'image-signer-guard',
  (instance, options) => {
    const { prefix: _, ...others } = options as { readonly prefix?: unknown };
    const path = parsePrefix(options as { readonly prefix?: unknown });
    const scope = instance.prefix.replace(/\/$/, '');
    const guard = createRequestGuard(others);
    const hasSemicolons = isSemicolonDelimiter(instance);
    if (!instance.hasRequestDecorator('signedImage')) instance.decorateRequest('signedImage', undefined);
    instance.addHook('onRequest', (request, reply, next) => {
      if (path !== undefined && !isBelow(request, path, scope)) return next();
      // For the router a `;` ends the path, and for a handler it may be a part of it: no image has two names.
      const target = hasSemicolons ? request.originalUrl.replace(/^([^?#;]*);/, '$1#') : request.originalUrl;
      const run = (): void => {
        const decision = guard.check(target, reply.raw, new ReplyFields(reply));
        if (isRefusal(decision)) {
          // Plugins may still set one.
          onHeaders(reply.raw, (_status, fields) => fields.remove('ETag'));
          reply.code(decision.status).send(decision.body);
          return;
        }
        if (decision !== undefined) request.signedImage = decision;
        next();
      };
      whenReady(guard.ready(), run, (error) => next(error as Error), request.raw, reply.raw);
    });
  },
);

/**
 * Within a scope that has a prefix, Fastify reads one relative to it; a whole path is understood as well. With rewriteUrl,
 * the URL that is routed is not the one that the client sent.
 */
function isBelow({ originalUrl, url, routeOptions }: FastifyRequest, path: string, scope: string): boolean {
  const targets = [routeOptions.url ?? '', originalUrl, ...(url === originalUrl ? [] : [url])];
  return (
    targets.some((target) => mayBeBelow(target, path) || (scope !== '' && mayBeBelow(target, path, scope))) ||
    (scope.includes(':') && behindScope(url, scope).some((target) => mayBeBelow(target, path)))
  );
}

/** Whether the router reads a `;` as the beginning of the query. */
function isSemicolonDelimiter({ initialConfig }: FastifyInstance): boolean {
  return (
    initialConfig.useSemicolonDelimiter === true ||
    initialConfig.routerOptions?.useSemicolonDelimiter === true
  );
}

/**
 * Reads the option `prefix` of Fastify's guard.
 * @returns without a slash at its end; undefined for every route of the scope
 * @throws ImageSignerError INVALID_OPTION
 */
function parsePrefix(options: { readonly prefix?: unknown }): string | undefined {
  const { prefix: given } = options;
  if (given === undefined || given === '') return undefined;
  const { prefix: path } = readGiven('imageGuard', options, () =>
    readObject('imageGuard', { prefix }, { prefix: given }),
  );
  return path || undefined;
}
