import { metrics } from '@opentelemetry/api';
import express, { type Express } from 'express';
import type { Logger } from 'pino';
import { imageSigner } from '../../../src/index.ts';
import { logTo } from './log.ts';
import { countWith } from './metrics.ts';

export function createApp(logger: Logger): Express {
  const log = logTo(logger);
  const count = countWith(metrics.getMeter('image-signer'));
  const app = express();
  app.use(
    imageSigner({
      key: process.env.IMAGES_KEY,
      ttl: '1d',
      variants: ['thumb', 'card'],
      authorize: ({ id }, req) => req.headers['x-user'] === 'ann' || id.startsWith('shop-'),
      report(event) {
        log(event);
        count(event);
      },
    }),
  );
  return app;
}
