/** An Express app in a Worker, by what Cloudflare has for servers of `node:http`. */

import { httpServerHandler } from 'cloudflare:node';
import { createServer, ServerResponse } from 'node:http';
import express from 'express';
import { imageSigner } from '../../../src/index.ts';
import { base, url } from '../../support/samples.ts';

const page = `<p>é</p><img src="${url()}"><p>text</p>`;
const halves = [page.slice(0, 30), page.slice(30)] as const;

const methods = ['writeHead', 'writeEarlyHints', 'addTrailers', 'setTrailer'];

const pages = (app: express.Express): express.Express =>
  app
    .get('/send', (_req, res) => void res.send(page))
    .get('/bytes', (_req, res) => void res.type('html').send(Buffer.from(page)))
    .get('/stream', (_req, res) => {
      res.type('html').write(halves[0], () => res.end(halves[1]));
    })
    .get(
      '/invented',
      (_req, res) =>
        void res.json(methods.filter((name) => name in res !== name in ServerResponse.prototype)),
    );

const app = express().use('/plain', pages(express())).use('/signed', imageSigner(base), pages(express()));

createServer(app).listen(8080);

const handler: object = httpServerHandler({ port: 8080 });
export default handler;
