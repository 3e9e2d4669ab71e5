import { initTRPC } from '@trpc/server';
import { createExpressMiddleware } from '@trpc/server/adapters/express';
import { findPosts } from './posts.js';
import { signer } from './signer.js';

const t = initTRPC.context().create();

export const signed = t.middleware(async ({ ctx, next }) => {
  const result = await next();
  if (!result.ok) return result;
  const data = signer.signData(result.data, { request: ctx, fields: { body: 'html' } });
  return { ...result, data };
});
export const procedure = t.procedure.use(signed);

const router = t.router({ posts: procedure.query(findPosts), plain: t.procedure.query(findPosts) });

export const trpc = createExpressMiddleware({ router, createContext: ({ req }) => ({ req }) });
