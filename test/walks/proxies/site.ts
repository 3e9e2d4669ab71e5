/**
 * The example gallery as a site for everybody: without a room for members nothing hangs on the viewer, so that a shared
 * cache may keep its pages. Lives are short, and the app asks for longer ones than the tokens allow.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import express from 'express';
import { createSigner } from 'image-signer';
import { createGallery } from '../../../examples/gallery/app.ts';
import { createClock } from '../../../examples/gallery/clock.ts';
import { ownDelivery, urlOf } from '../../../examples/gallery/delivery.ts';
import { type Drawing, drawings } from '../../../examples/gallery/pictures/catalogue.ts';
import { drawPictures } from '../../../examples/gallery/pictures/draw.ts';
import { listen } from '../../../examples/gallery/port.ts';
import { createStore } from '../../../examples/gallery/store.ts';
import { variants } from '../../../examples/gallery/variants.ts';

/** In seconds. A step is a quarter of it, a page's life half. */
export const ttl = 16;
export const step: number = ttl / 4;
export const pageLife: number = ttl / 2;

const year = 365 * 86_400;
/** What the app says of its pages. */
const wishes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '/': { 'Cache-Control': `public, max-age=${year}, immutable` },
  '/article': {
    'Cache-Control': `public, max-age=2, stale-while-revalidate=${year}, stale-if-error=${year}`,
  },
  '/article/edit': { 'Cache-Control': 'public' },
  '/article/edit?surrogate': { 'Surrogate-Control': `max-age=${year}` },
};

export interface Site {
  readonly port: number;
  /** Refuses connections from then on. */
  close(): Promise<void>;
}

/** @param folder - for the pictures; it is there already */
export async function openSite(folder: string): Promise<Site> {
  const pictures: Drawing[] = drawings.slice(0, 10).map((each) => ({ ...each, isForMembers: false }));
  await drawPictures(folder, pictures, new AbortController().signal);

  const app = express();
  const server = createServer((req, res) => void app(req, res));
  const port = await listen(server, 0);
  const clock = createClock();
  const delivery = ownDelivery(port);
  const { key, accountHash, base, absoluteBase } = delivery;
  const signer = createSigner({ key, ttl, variants, accountHash, delivery: [base, absoluteBase] });
  const store = createStore({
    pictures,
    urlOf: (picture, variant) => urlOf(delivery, picture, variant),
    absoluteUrlOf: (picture, variant) => urlOf(delivery, picture, variant, absoluteBase),
  });
  app.disable('x-powered-by');
  app.use((req, res, next) => {
    res.set(wishes[req.originalUrl] ?? {});
    next();
  });
  app.use(createGallery({ pictures, delivery, signer, store, clock, folder, sharedCache: true }));
  return {
    port,
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
