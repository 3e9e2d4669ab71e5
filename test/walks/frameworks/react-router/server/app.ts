import { createRequestHandler } from '@react-router/express';
import express from 'express';
import { imageSigner } from 'image-signer';
import { RouterContextProvider } from 'react-router';
import { helpersContext } from '../app/helpers.ts';
import { signer } from '../app/signer.server.ts';

export const app = express();
app.use(
  imageSigner({
    signer,
    fields: { body: 'html' },
    rewrite: { json: process.env['REWRITE_JSON'] === '1' }, // the data of pages that the visitor goes on to
  }),
);
app.use(
  createRequestHandler({
    build: () => import('virtual:react-router/server-build'),
    getLoadContext({ signData, signImage }) {
      const context = new RouterContextProvider();
      context.set(helpersContext, { signData, signImage });
      return context;
    },
  }),
);
