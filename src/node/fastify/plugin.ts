/** `app.register(imageSigner, options)` of Fastify: the plugin itself. */
import { hasConditionals } from '../../http/conditional-requests.ts';
import { createInstall } from '../middleware/install.ts';
import { whenReady } from '../middleware/readiness.ts';
import { adapterSymbol, FastifyAdapter } from './adapter.ts';
import { nameHook } from './last-hook.ts';
import { localsDecorator } from './locals.ts';
import { createSharedPlugin, type FastifyPlugin, type FastifyReply, type FastifyRequest } from './reply.ts';

/** It throws ImageSignerError INVALID_OPTION, which Fastify reports when the app starts. */
export const imageSignerPlugin: FastifyPlugin = createSharedPlugin('image-signer', (instance, options) => {
  const install = createInstall(options);
  // By our own symbol: an app with another `signImage` gets Fastify's error for a decorator that is there already.
  if (!instance.hasRequestDecorator(adapterSymbol)) {
    instance.decorateRequest(adapterSymbol, null);
    instance.decorateRequest('signImage', {
      getter(this: FastifyRequest) {
        return FastifyAdapter.of(this)?.helpers?.signImage;
      },
    });
    instance.decorateRequest('signSrcset', {
      getter(this: FastifyRequest) {
        return FastifyAdapter.of(this)?.helpers?.signSrcset;
      },
    });
  }
  if (!instance.hasReplyDecorator('locals')) instance.decorateReply('locals', localsDecorator);
  instance.addHook('onRequest', (request, reply, next) => {
    const run = (): void => {
      const isFirst = install(request.raw, reply.raw, () => new FastifyAdapter(request, reply, install));
      if (isFirst && hasConditionals(request.raw.headers)) announceOnSend(request, reply);
      next();
    };
    whenReady(install.ready(), run, (error) => next(error as Error), request.raw, reply.raw);
  });
  instance.addHook(
    'onSend',
    nameHook((request, _reply, payload, next) => {
      const adapter = FastifyAdapter.of(request);
      // The registration that was the first to see a reply alone replaces its payload.
      next(null, adapter?.registration === install ? adapter.replacePayload(payload) : payload);
    }),
  );
});

function announceOnSend(request: FastifyRequest, reply: FastifyReply): void {
  const { send } = reply;
  reply.send = function sendAnnounced(payload?: unknown) {
    FastifyAdapter.of(request)?.announce(payload);
    return send.call(reply, payload);
  };
}
