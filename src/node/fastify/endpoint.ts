/** Fastify's `app.register(signingEndpoint, { prefix: '/sign', … })`. */
import { Endpoint } from '../../endpoint/endpoint.ts';
import { forbidStorage } from '../../http/freshness.ts';
import { onHeaders } from '../http/write-head.ts';
import { readBody } from '../middleware/endpoint.ts';
import { setHeaders } from '../middleware/send.ts';
import {
  createPlugin,
  type FastifyPlugin,
  type FastifyReply,
  type FastifyRequest,
  ReplyFields,
} from './reply.ts';

/** It throws ImageSignerError INVALID_OPTION, which Fastify reports when the app starts. */
export const signingEndpointPlugin: FastifyPlugin = createPlugin(
  'image-signer-endpoint',
  'signingEndpoint',
  (instance, options) => {
    const { prefix: _, ...others } = options as { readonly prefix?: string };
    // `instance.prefix` includes the prefixes of the outer scopes.
    const endpoint = new Endpoint({ ...others, path: instance.prefix === '' ? undefined : instance.prefix });
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const { raw } = request;
      const { method = '', url = '', headers } = raw;
      const body = () => readBody(raw, request.body);
      const result = await endpoint.respond({ method, target: url, headers, body }, request);
      if (result === undefined) return reply.callNotFound();
      if (result === 'aborted') return reply.hijack(); // nobody is left to answer
      setHeaders(new ReplyFields(reply), result, raw);
      // Plugins may still add an entity tag, or their own freshness headers.
      onHeaders(reply.raw, (_status, fields) => {
        fields.remove('ETag');
        forbidStorage(fields);
      });
      // Send bytes: Fastify adds a charset to the type of JSON text.
      return reply.code(result.status).send(result.status === 204 ? undefined : Buffer.from(result.body));
    };
    // The endpoint reads bodies itself: it has its own limits and messages.
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    // Route every method: one without a route would get 404, while the endpoint answers 405 with the methods that it allows.
    for (const url of ['/', '/*']) instance.route({ method: instance.supportedMethods, url, handler });
  },
);
