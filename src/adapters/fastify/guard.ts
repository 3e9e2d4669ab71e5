/**
 * `app.register(imageGuard, { prefix: '/images', … })` of Fastify: guards every route of the scope that registers it or,
 * with a prefix, those whose requests may come to be served from below that path.
 */
import { forbidStorage } from '../../http/freshness.ts';
import { onHeaders } from '../../node-http/on-headers.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import { whenReady } from '../node/readiness.ts';
import { createRequestGuard, isRefusal } from '../node/request-guard.ts';
import { createSharedPlugin, type FastifyPlugin, type FastifyRequest } from './reply.ts';
import { ReplyFields } from './reply-fields.ts';

/** It throws ImageSignerError INVALID_OPTION, which Fastify reports when the app starts. */
export const imageGuardPlugin: FastifyPlugin = createSharedPlugin(
  'image-signer-guard',
  (instance, options) => {
    const { prefix = '', ...others } = options as { readonly prefix?: string };
    const guard = createRequestGuard(others);
    if (!instance.hasRequestDecorator('signedImage')) instance.decorateRequest('signedImage', undefined);
    instance.addHook('onRequest', (request, reply, next) => {
      if (!isBelow(request, prefix)) return next();
      const run = (): void => {
        const decision = guard.check(request.originalUrl, reply.raw, new ReplyFields(reply));
        if (isRefusal(decision)) {
          // Plugins may still set freshness headers of their own.
          onHeaders(reply.raw, (_status, fields) => {
            fields.remove('ETag');
            forbidStorage(fields);
          });
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
 * Whether a request belongs below a path, by its route or by any reading of its target: routers decode, fold case and
 * merge slashes, and static handlers resolve dot segments. A spelling that this reads as below although nothing would
 * serve it from there is refused, since no such path is canonical.
 */
function isBelow({ originalUrl, routeOptions }: FastifyRequest, prefix: string): boolean {
  if (prefix === '') return true;
  const path = originalUrl.split(/[?#;]/, 1)[0]!;
  return [routeOptions.url ?? '', path, resolved(path)].some((each) => startsBelow(each, prefix));
}

function startsBelow(path: string, prefix: string): boolean {
  const folded = path.toLowerCase();
  return folded === prefix.toLowerCase() || folded.startsWith(`${prefix.toLowerCase()}/`);
}

/** The path as a lenient server might read it. It never throws. */
function resolved(path: string): string {
  const merged = percentDecode(path).replaceAll(/[\\/]+/g, '/');
  return URL.canParse(merged, 'http://host')
    ? percentDecode(new URL(merged, 'http://host').pathname)
    : merged;
}
