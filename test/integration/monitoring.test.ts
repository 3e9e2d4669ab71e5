/** The recipes of `docs/monitoring.md` stand in `monitoring/`, and run here with the real packages. */
import { readFileSync } from 'node:fs';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import express from 'express';
import { pino } from 'pino';
import supertest from 'supertest';
import { expect, test } from 'vitest';
import { imageSigner } from '../../src/index.ts';
import { key, url } from '../support/samples.ts';
import { createApp } from './monitoring/app.ts';
import { logTo } from './monitoring/log.ts';
import { countWith } from './monitoring/metrics.ts';

/** @returns what `run` has counted */
async function countedIn(run: () => Promise<void>): Promise<unknown[]> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter });
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  try {
    await run();
    await provider.forceFlush();
    return exporter
      .getMetrics()
      .at(-1)!
      .scopeMetrics.flatMap((scope) => scope.metrics)
      .flatMap(({ descriptor, dataPoints }) =>
        dataPoints.map(({ attributes, value }) => [descriptor.name, attributes, value]),
      );
  } finally {
    await provider.shutdown();
    metrics.disable();
  }
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

test('the guide shows the code that is run here', () => {
  const blocks = [...read('../../docs/monitoring.md').matchAll(/^```ts\n(.*?)^```$/gms)].map(
    ([, code]) => code,
  );
  const files = ['log', 'metrics', 'app'].map((name) =>
    read(`monitoring/${name}.ts`).replace("'../../../src/index.ts'", "'image-signer'"),
  );
  expect(blocks).toEqual(files);
});

test('a page is logged and counted, without its tokens', async () => {
  process.env['IMAGES_KEY'] = key;
  const lines: Record<string, unknown>[] = [];
  const stream = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const images = [
    url('thumb', 'shop-1'),
    url('thumb', 'shop-1'),
    url('hero', 'shop-1'),
    url('card', 'private'),
  ];
  const counted = await countedIn(async () => {
    const app = createApp(pino({ level: 'debug' }, stream));
    app.get('/gallery', (_, res) => {
      res.send(images.map((image) => `<img src="${image}">`).join(''));
    });
    await supertest(app).get('/gallery?session=secret');
  });

  const page = 'GET /gallery';
  const component = 'image-signer';
  expect(lines).toMatchObject([
    { level: 40, component, msg: 'skipped', reason: 'variant-not-allowed', url: images[2], page },
    { level: 40, component, msg: 'skipped', reason: 'not-authorized', url: images[3], page },
    { level: 20, component, msg: 'rewritten', signed: 2, skipped: 1, denied: 1, page },
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/sig=|secret/);

  expect(counted).toEqual([
    ['image_signer.urls', { outcome: 'signed' }, 2],
    ['image_signer.urls', { outcome: 'kept' }, 0],
    ['image_signer.urls', { outcome: 'skipped' }, 1],
    ['image_signer.urls', { outcome: 'denied' }, 1],
    ['image_signer.problems', { type: 'skipped', reason: 'variant-not-allowed' }, 1],
    ['image_signer.problems', { type: 'skipped', reason: 'not-authorized' }, 1],
  ]);
});

test('a key that is down at the start is counted as such, and reaches no health check above the middleware', async () => {
  const counted = await countedIn(async () => {
    const app = express();
    app.get('/health', (_, res) => void res.send('ok'));
    const down = (): never => {
      throw new Error('the vault is sealed');
    };
    const report = countWith(metrics.getMeter('image-signer'));
    app.use(imageSigner({ key: down, ttl: '1d', variants: ['thumb'], report }));
    app.get('/', (_, res) => void res.send('<p>'));
    await supertest(app).get('/').expect(503).expect('Retry-After', /\d/);
    await supertest(app).get('/health').expect(200);
  });
  expect(counted).toEqual([
    ['image_signer.problems', { type: 'key-unavailable', hasKey: false }, expect.any(Number)],
  ]);
});

test('an error of the app is logged with its cause, in one line', async () => {
  const lines: string[] = [];
  const stream = { write: (line: string) => void lines.push(line) };
  const app = express();
  const signer = { key, ttl: '1d', variants: ['thumb'] } as const;
  const authorize = (image: { readonly id: string }): boolean => {
    throw new TypeError(`no album ${image.id}\nforged`, { cause: new Error('the database is down') });
  };
  app.use(imageSigner({ ...signer, authorize, report: logTo(pino({}, stream)) }));
  app.get('/', (_, res) => {
    res.send(`<img src="${url('thumb', 'shop-1')}">`);
  });
  await supertest(app).get('/');
  const [line = ''] = lines;
  expect(line.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(line)).toMatchObject({
    msg: 'skipped',
    reason: 'authorize-threw',
    error: {
      type: 'TypeError',
      message: 'no album shop-1\nforged',
      cause: { message: 'the database is down' },
    },
  });
});
