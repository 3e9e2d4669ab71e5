import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { resolvers, typeDefs } from './schema.js';
import { signer } from './signer.js';

export const signedImages = {
  requestDidStart: async () => ({
    async willSendResponse({ response: { body }, contextValue }) {
      if (body.kind !== 'single') return;
      const options = { request: contextValue, fields: { body: 'html' } };
      body.singleResult.data = signer.signData(body.singleResult.data, options);
    },
  }),
};

const server = new ApolloServer({ typeDefs, resolvers, plugins: [signedImages] });
await server.start();

export const apollo = expressMiddleware(server, { context: async ({ req }) => ({ req }) });
