/**
 * `npm run bench:delivery`: requests a second for a made picture that is kept, with the check of its token, beside those that
 * `express.static` serves of the same bytes; and the processor time to make a JPEG of 640 pixels, with the rest of its request, beside the
 * library alone. Ratios of one run; nothing is asserted but that answers are right. `ROUNDS` sets how many.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { KeepAliveConnection } from '../support/keep-alive.ts';
import { median } from '../support/statistics.ts';
import { createSigner } from './built.ts';
import { compile } from './compiled.ts';
import { giveFigure } from './give-figure.ts';
import { inTurn } from './http-first-byte.ts';
import { type Load, openLoad } from './http-load.ts';
import { processorTime, table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 11);
const roundLength = 500;
const warmUp = 700;
const connections = 24;
const keptGoal = 0.6;
const makingGoal = 1.15;

const accountHash = 'bench-account';
process.env['IMAGES_KEY'] = 'a-key-of-the-benchmark-and-nobody-else';
const signer = createSigner({ key: process.env['IMAGES_KEY'], ttl: '1d', variants: ['card'], accountHash });
const folder = mkdtempSync(join(tmpdir(), 'image-signer-bench-'));
const pathOf = (id: string): string => {
  const { pathname, search } = new URL(signer.signImage(id, 'card'));
  return pathname + search;
};

/** Of 12 megapixels, as telephones take them, with the noise of a photograph. */
async function original(): Promise<Buffer> {
  const noise = { type: 'gaussian', mean: 128, sigma: 12 } as const;
  const create = { width: 4000, height: 3000, channels: 3, background: '#000', noise } as const;
  return sharp({ create }).blur(2).linear(3, -256).jpeg({ quality: 90 }).toBuffer();
}

const make = (file: string): Promise<Buffer> =>
  sharp(file, { failOn: 'error' }).autoOrient().resize(640).jpeg({ quality: 85 }).toBuffer();

interface Contender {
  readonly child: ChildProcess;
  readonly load: Load;
  readonly picture: Buffer;
}

async function start(way: 'static' | 'delivery', target: string): Promise<Contender> {
  const child = fork(compile('delivery-process.ts'), [way, join(folder, way), accountHash], {
    env: { ...process.env, NODE_ENV: 'production' },
    execArgv: [], // without the TypeScript loader
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  const request = `GET ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: image/jpeg,*/*;q=0.8\r\n\r\n`;
  const ask = async () => {
    const connection = await KeepAliveConnection.open(port);
    const answer = await connection.send({ text: request });
    connection.close();
    return answer!; // nothing cuts it
  };
  await ask(); // from then on it is kept
  const { raw, response } = await ask();
  const { width, format } = await sharp(response.body).metadata();
  if (response.status !== 200 || width !== 640 || format !== 'jpeg')
    throw new Error(`${way}: the answer is not the one that is to be measured`);
  const load = await openLoad(port, request, raw.length, connections);
  await load.run(warmUp);
  return { child, load, picture: response.body };
}

async function cpuOf(child: ChildProcess): Promise<number> {
  child.send('cpu');
  const [{ microseconds }] = (await once(child, 'message')) as [{ microseconds: number }];
  return microseconds;
}

async function measureKept(bytes: Buffer): Promise<string[]> {
  for (const way of ['static', 'delivery']) mkdirSync(join(folder, way));
  writeFileSync(join(folder, 'delivery/photo.jpg'), bytes);
  // As a folder of pictures is: nobody has changed it for a while.
  utimesSync(join(folder, 'delivery'), 1_600_000_000, 1_600_000_000);
  const delivery = await start('delivery', pathOf('photo'));
  // The same bytes.
  writeFileSync(join(folder, 'static/photo.jpg'), delivery.picture);
  const contenders = [await start('static', '/photo.jpg'), delivery];
  const samples: { readonly rate: number; readonly cpu: number }[][] = [[], []];
  for (let round = 0; round < rounds; round++)
    for (const which of inTurn(contenders.length, round)) {
      const { child, load } = contenders[which]!;
      const before = await cpuOf(child);
      const begun = performance.now();
      const rate = await load.run(roundLength);
      const requests = (rate * (performance.now() - begun)) / 1_000;
      samples[which]!.push({ rate, cpu: ((await cpuOf(child)) - before) / requests });
    }
  for (const { child, load } of contenders) {
    load.close();
    child.disconnect();
    await once(child, 'exit');
  }
  const [plain, ours] = samples as [(typeof samples)[0], (typeof samples)[0]];
  const kept = median(plain.map(({ rate }, round) => ours[round]!.rate / rate));
  giveFigure(['delivery', 'kept'], kept, 2, 'of the requests of express.static');
  return [
    'a kept picture, requests/s',
    median(plain.map(({ rate }) => rate)).toFixed(0),
    median(ours.map(({ rate }) => rate)).toFixed(0),
    kept.toFixed(3),
    `at least ${keptGoal}`,
    ...[plain, ours].map((those) => median(those.map(({ cpu }) => cpu)).toFixed(0)),
  ];
}

async function measureMaking(bytes: Buffer): Promise<string[]> {
  const { imageDelivery } = (await import(
    new URL('../../dist/delivery.js', import.meta.url).href
  )) as typeof import('../../src/delivery.ts');
  const count = rounds + 3;
  for (let index = 0; index < count; index++) writeFileSync(join(folder, `delivery/${index}.jpg`), bytes);
  const delivery = imageDelivery({
    directory: join(folder, 'delivery'),
    signer,
    variants: { card: { width: 640 } },
  });
  const server = createServer(delivery);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = await KeepAliveConnection.open(port);
  const alone: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < count; round++) {
    const ways = [
      async () => {
        const begun = processorTime();
        await make(join(folder, `delivery/${round}.jpg`));
        return alone.push(Number(processorTime() - begun) / 1e6);
      },
      async () => {
        const begun = processorTime();
        const answer = await client.send({
          text: `GET ${pathOf(String(round))} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n`,
        });
        if (answer?.response.status !== 200) throw new Error('no picture');
        return ours.push(Number(processorTime() - begun) / 1e6);
      },
    ];
    for (const which of inTurn(2, round)) await ways[which]!();
  }
  client.close();
  server.close();
  const [those, these] = [alone.slice(3), ours.slice(3)]; // the first ones warm up
  const times = median(those.map((time, round) => these[round]! / time));
  giveFigure(['delivery', 'making'], times, 2, 'of the time of sharp alone');
  return [
    'a JPEG of 640 pixels is made, ms of processor time',
    median(those).toFixed(1),
    median(these).toFixed(1),
    times.toFixed(3),
    `at most ${makingGoal}`,
    '',
    '',
  ];
}

try {
  console.log(
    `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, medians of ${rounds} rounds\n`,
  );
  const bytes = await original();
  const head = ['', 'plain', 'imageDelivery', 'ratio', 'goal', 'CPU µs, plain', 'ours'];
  console.log(table([head, await measureKept(bytes), await measureMaking(bytes)]));
} finally {
  rmSync(folder, { recursive: true });
}
