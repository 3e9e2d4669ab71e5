/** `app.register(signingEndpoint, { prefix: '/sign', … })` of Fastify. */
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
    // Fastify puts the prefixes of the scopes around it in front.
    const endpoint = new Endpoint({ ...others, path: instance.prefix === '' ? undefined : instance.prefix });
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const { raw } = request;
      const { method = '', url = '', headers } = raw;
      const body = () => readBody(raw, request.body);
      const result = await endpoint.respond({ method, target: url, headers, body }, request);
      if (result === undefined) return reply.callNotFound();
      if (result === 'aborted') return reply.hijack(); // nobody is left to answer
      setHeaders(new ReplyFields(reply), result, raw);
      // Plugins may still add an entity tag or freshness headers of their own.
      onHeaders(reply.raw, (_status, fields) => {
        fields.remove('ETag');
        forbidStorage(fields);
      });
      // As bytes: Fastify adds a charset to the type of JSON that it is given as text.
      return reply.code(result.status).send(result.status === 204 ? undefined : Buffer.from(result.body));
    };
    // The endpoint reads bodies itself: it has limits and messages of its own.
    instance.removeAllContentTypeParsers();
    instance.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    // All that the app knows: a method without a route would get 404, where the endpoint says which ones it answers.
    for (const url of ['/', '/*']) instance.route({ method: instance.supportedMethods, url, handler });
  },
);
