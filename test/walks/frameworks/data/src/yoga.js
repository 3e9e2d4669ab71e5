import { useDeferStream } from '@graphql-yoga/plugin-defer-stream';
import { createSchema, createYoga } from 'graphql-yoga';
import { resolvers, typeDefs } from './schema.js';
import { signer } from './signer.js';

export const signedImages = {
  onExecute: ({ args }) => ({
    onExecuteDone(done) {
      sign(args, done);
      return { onNext: (part) => sign(args, part) }; // parts of `@defer` and `@stream`
    },
  }),
  onSubscribe: ({ args }) => ({
    onSubscribeResult: () => ({ onNext: (event) => sign(args, event) }),
  }),
};

function sign({ contextValue }, { result, setResult }) {
  setResult(signer.signData(result, { request: contextValue, fields: { body: 'html' } }));
}

export const yoga = createYoga({
  graphqlEndpoint: '/yoga',
  schema: createSchema({ typeDefs, resolvers }),
  plugins: [useDeferStream(), signedImages],
  logging: false,
});
