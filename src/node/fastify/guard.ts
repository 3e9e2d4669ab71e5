/**
 * Fastify's `app.register(imageGuard, { prefix: '/images', … })`: guards every route of the scope that registers it, or with a prefix,
 * every request that may be served from below that path.
 */
import { isRefusal } from '../../guard/request-guard.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { plainPath } from '../../validation/base.ts';
import { readGiven, readObject } from '../../validation/schema.ts';
import { onHeaders } from '../http/write-head.ts';
import { createNodeGuard } from '../middleware/guard.ts';
import { whenReady } from '../middleware/send.ts';
import {
  createSharedPlugin,
  type FastifyInstance,
  type FastifyPlugin,
  type FastifyRequest,
  ReplyFields,
} from './reply.ts';

const prefix = plainPath("For example, '/images'; leave it out to guard every route of the scope.");

/** It throws ImageSignerError INVALID_OPTION, which Fastify reports when the app starts. */
export const imageGuardPlugin: FastifyPlugin = createSharedPlugin(
  'image-signer-guard',
  'imageGuard',
  (instance, options) => {
    const { prefix: _, ...others } = options as { readonly prefix?: unknown };
    const path = parsePrefix(options as { readonly prefix?: unknown });
    const scope = instance.prefix.replace(/\/$/, '');
    const guard = createNodeGuard(others);
    const hasSemicolons = isSemicolonDelimiter(instance);
    if (!instance.hasRequestDecorator('signedImage')) instance.decorateRequest('signedImage', undefined);
    instance.addHook('onRequest', (request, reply, next) => {
      if (path !== undefined && !isBelow(request, path, scope)) return next();
      // A `;` ends the path for the router, but a handler may count it to the path: no image may have two names.
      const target = hasSemicolons ? request.originalUrl.replace(/^([^?#;]*);/, '$1#') : request.originalUrl;
      const run = (): void => {
        const decision = guard.check(target, reply.raw, new ReplyFields(reply));
        if (isRefusal(decision)) {
          // A plugin may still set one.
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
 * Whether a request may be below the prefix. In a scope with its own prefix, ours can be relative to it or a whole path. With
 * `rewriteUrl`, the routed URL differs from the one that the client sent.
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
 * @returns the path without a trailing slash; undefined for every route of the scope
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

/**
 * Whether a request may be served from below a path, by any reading of its target. Routers decode, fold case, merge slashes and
 * remove an origin; handlers resolve dot segments, before or after they decode. A false match does no harm: the guard refuses such a
 * spelling, because no such path is canonical.
 * @param target - a request target, or the path of a route
 * @param path - percent-encoded, without a trailing slash
 * @param scope - the prefix of the scope that contains the path, which may have parameters (`/:tenant`)
 */
function mayBeBelow(target: string, path: string, scope = ''): boolean {
  const text = fold(target.split('?', 1)[0]!);
  const folded = fold(path);
  // Where a dot segment leads depends on who resolves it: a decoded character may end a path, or belong to it.
  if (/(?:^|\/)\.{1,2}(?:[/?#;]|$)/.test(text) && text.includes(folded)) return true;
  const wanted = [...segmentsOf(scope).map(fixedSegment), ...segmentsOf(folded)];
  return readingsOf(text).some((each) => {
    const segments = segmentsOf(each);
    return (
      segments.length >= wanted.length &&
      wanted.every((segment, index) => segment === undefined || segment === segments[index])
    );
  });
}

/**
 * The rest of a target after the prefix of a scope with parameters. For the router, only a literal `/` ends a parameter: `%2F` and
 * `;` belong to its value.
 * @param target - as the router gets it
 */
function behindScope(target: string, scope: string): string[] {
  const path = target.replace(/[?#].*$/s, '').replace(/^[^/]*:\/*[^/]*/, '');
  const count = slashesOf(scope);
  return [path, path.replaceAll(/\/{2,}/g, '/')].map((each) => {
    const behind = each.split('/').slice(count + 1);
    return `/${behind.join('/')}`;
  });
}

/** Counts slashes outside the regular expressions of parameters (`/:year(^[^/]+$)`). */
function slashesOf(scope: string): number {
  let depth = 0;
  let count = 0;
  for (const [each] of scope.matchAll(/\\.|[()/]/gs)) {
    if (each === '(') depth++;
    else if (each === ')') depth--;
    else if (each === '/' && depth <= 0) count++;
  }
  return count;
}

/** The segments of a path. Splits at every character that ends the path for some readers. */
function segmentsOf(path: string): string[] {
  return path.split(/[/?#;]/).slice(1);
}

/** Undefined for a parameter or a wildcard, which any segment may match. */
function fixedSegment(segment: string): string | undefined {
  return /[:*]/.test(segment) ? undefined : fold(segment);
}

/** Decodes twice, like a router and then a handler. `URL` reads `\` as `/`, and drops tabs and line feeds. */
function fold(text: string): string {
  return percentDecode(percentDecode(text))
    .replaceAll(/[\t\n\r]/g, '')
    .replaceAll('\\', '/')
    .toLowerCase();
}

/** The text, the text without a scheme, and without a host, as `URL` would remove them; all with merged slashes. */
function readingsOf(text: string): string[] {
  const afterScheme = text.replace(/^[a-z][a-z\d+.-]*:/, '');
  const afterHost = /^\/\//.test(text) || afterScheme !== text ? afterScheme.replace(/^\/*[^/]*/, '') : text;
  return [text, afterScheme, afterHost].map((each) => `/${each}`.replaceAll(/\/{2,}/g, '/'));
}
