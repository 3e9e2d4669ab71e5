/** `image-signer dev`: what it prints, that an app with those lines shows its pictures, and how it ends. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSigner, type Signer, type SignerOptions } from '../../../src/index.ts';
import { s3 } from '../../../src/schemes.ts';
import { type RawResponse, send } from '../../support/http/raw.ts';
import { moment } from '../../support/moment.ts';
import { type Run, type RunOptions, runCommand } from '../../support/package/command-line.ts';
import { root } from '../../support/root.ts';
import { accountHash, key } from '../../support/samples.ts';
import {
  closeSites,
  newFolder,
  photo,
  serve,
  targetOf,
  writeFiles,
} from '../../support/servers/delivery-site.ts';

const accept = 'image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8';

let folder: string;
let home: string;
beforeAll(async () => {
  folder = newFolder();
  home = newFolder();
  writeFiles(folder, { 'sunset.jpg': await photo(2_000, 1_000) });
});
afterAll(closeSites);

interface Running {
  readonly port: number;
  /** The lines for the app. */
  readonly stdout: string;
  ask(target: string, headers?: Readonly<Record<string, string>>): Promise<RawResponse>;
  stop(signal?: 'SIGINT' | 'SIGTERM'): Promise<Run>;
  readonly ended: Promise<Run>;
  readonly signals: EventEmitter;
}

/** Starts the command in this process, on a port that is free. */
async function start(
  args: readonly string[] = [],
  options: RunOptions = {},
  pictures: readonly string[] = ['--pictures', folder],
): Promise<Running> {
  const signals = new EventEmitter();
  const written = { stdout: '', stderr: '' };
  const ready = moment();
  const ended = runCommand(['dev', ...pictures, '--port', '0', ...args], {
    env: { XDG_STATE_HOME: home },
    signals,
    onAnswer(text) {
      written.stdout += text;
    },
    onNote(text) {
      written.stderr += text;
      if (written.stderr.includes('Ctrl+C ends it')) ready.come();
    },
    ...options,
  });
  const failed = ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  await Promise.race([ready.comes, failed]);
  failed.catch(() => {});
  const port = Number(/served at http:\/\/localhost:(\d+)\./.exec(written.stdout)?.[1]);
  return {
    port,
    stdout: written.stdout,
    ask: (target, headers = {}) => send(port, target, { headers }),
    stop(signal = 'SIGTERM') {
      signals.emit(signal);
      return ended;
    },
    ended,
    signals,
  };
}

/** A signer as an app has it that was given the printed lines. */
function signerOf(stdout: string): Signer {
  const [, options] = /imageSigner\((\{.*\})\)/s.exec(stdout) ?? [];
  return createSigner(new Function(`return ${options}`)() as SignerOptions);
}

test('an app with the printed lines shows its pictures, after a restart as well', async () => {
  const first = await start();
  const signer = signerOf(first.stdout);
  const url = signer.signImage('sunset', 'card');
  expect(new URL(url).origin).toBe(`http://localhost:${first.port}`);
  const shown = await first.ask(targetOf(url), { accept });
  expect([shown.status, shown.header('content-type')]).toEqual([200, 'image/avif']);
  expect(await sharp(shown.body).metadata()).toMatchObject({ width: 640, height: 320 });
  const preview = await first.ask(targetOf(signer.signImage('sunset', 'preview')));
  expect(preview.status).toBe(200);
  expect((await first.stop()).code).toBe(0);

  const second = await start();
  expect(signerOf(second.stdout).verifyImage(url.replace(`:${first.port}`, `:${second.port}`)).ok).toBe(true);
  expect((await second.ask(targetOf(url))).status).toBe(200);
  expect((await second.stop('SIGINT')).code).toBe(0);
});

test('it explains each refusal, in the picture and in a line that holds no token', async () => {
  const delivery = await start();
  const signer = signerOf(delivery.stdout);
  const stale = signer.signImage('sunset', 'card', { expiresAt: new Date(Date.now() - 7_200_000) });
  const refused = await delivery.ask(targetOf(stale), { accept });
  expect([refused.status, refused.header('content-type')]).toEqual([403, 'image/svg+xml']);
  expect(refused.text).toContain('The token expired 2 hours ago.');
  await delivery.ask('/local-development-only/sunset/card');
  await delivery.ask(targetOf(signer.signImage('sunset', 'thumb')));
  const { stderr } = await delivery.stop();
  const card = '403 /local-development-only/sunset/card ';
  expect(stderr).toContain(`${card} Expired. The token expired 2 hours ago.\n`);
  expect(stderr).toContain(`${card} No token. The URL has no token: is the page signed?\n`);
  expect(stderr).toContain('200 /local-development-only/sunset/thumb\n');
  expect(stderr).not.toMatch(/sig=|exp=/);
});

test('--placeholder draws what is not there, and nothing that has no token', async () => {
  const [plain, drawing] = [await start(), await start(['--placeholder'])];
  const target = targetOf(signerOf(plain.stdout).signImage('not/there', 'card'));
  expect((await plain.ask(target, { accept })).status).toBe(404);
  const drawn = await drawing.ask(target, { accept });
  expect([drawn.status, drawn.header('content-type')]).toEqual([200, 'image/svg+xml']);
  expect(drawn.header('cf-images')).toBeUndefined();
  expect(drawn.text).toContain('not/there');
  expect(drawn.text).toContain('card · 640 × 427');
  expect((await drawing.ask(target.split('?', 1)[0]!, { accept })).status).toBe(403);
  expect((await drawing.ask(target)).status).toBe(404);
  await Promise.all([plain.stop(), drawing.stop()]);
});

test('a config of Cloudflare Images serves, and the line that points the app here is printed', async () => {
  const config = join(home, 'image-signer.config.json');
  const options = { key, ttl: '1h', variants: { small: { width: 50 } }, accountHash };
  writeFileSync(config, JSON.stringify({ ...options, rewrite: { json: true } }));
  const delivery = await start(['--config', config], { env: {} });
  expect(delivery.stdout).toContain(
    `delivery: process.env.NODE_ENV === 'production' ? 'https://imagedelivery.net' : 'http://localhost:${delivery.port}',`,
  );
  expect(delivery.stdout).not.toContain(key);
  const signer = createSigner(options as SignerOptions);
  const answer = await delivery.ask(targetOf(signer.signImage('sunset', 'small')));
  expect(await sharp(answer.body).metadata()).toMatchObject({ width: 50 });
  await delivery.stop();

  writeFileSync(config, JSON.stringify({ ...options, delivery: '/images', directory: folder }));
  const own = await start(['--config', config], { env: {} }, []);
  expect(own.stdout).not.toContain('NODE_ENV');
  expect(own.stdout).toMatch(/^[^\n]+\n\n$/);
  await own.stop();
});

test('a config of S3 serves the bucket, and the line that points its scheme here is printed', async () => {
  const url = 'https://photos.s3.eu-central-1.amazonaws.com';
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'a-secret-of-s3' };
  const options = { url, region: 'eu-central-1', credentials, prefixes: 'uploads/' };
  const pictures = newFolder();
  writeFiles(pictures, { 'uploads/cat.jpg': await photo(40, 30) });
  const schemes = new URL('../../../src/schemes.ts', import.meta.url).href;
  const config = join(home, 's3.config.mjs');
  const text = `import { s3 } from '${schemes}';
    export default { scheme: s3(${JSON.stringify(options)}), ttl: '1h' };`;
  writeFileSync(config, text);
  const delivery = await start(['--config', config], { env: {} }, ['--pictures', pictures]);
  const line = `url: process.env.NODE_ENV === 'production' ? '${url}' : 'http://localhost:${delivery.port}',`;
  expect(delivery.stdout).toContain(`set this in the scheme of ${config}:\n\n  ${line}`);
  expect(delivery.stdout).not.toContain('a-secret-of-s3');
  const signed = createSigner({ scheme: s3(options), ttl: '1h' }).signImage('uploads/cat.jpg');
  expect((await delivery.ask(targetOf(signed))).status).toBe(200);
  expect((await delivery.ask('/uploads/cat.jpg')).status).toBe(403);
  await delivery.stop();
});

test('with IMAGES_KEY the key is that, and is not printed', async () => {
  const delivery = await start([], { env: { IMAGES_KEY: key } });
  expect(delivery.stdout).toContain('key: process.env.IMAGES_KEY');
  expect(delivery.stdout).not.toContain(key);
  await delivery.stop();
});

test('a stop lets an answer that is under way come to its end, and a second one does not wait', async () => {
  const delivery = await start();
  const socket = connect(delivery.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n'); // a request without its end keeps the server open
  await once(socket, 'connect');
  const slow = targetOf(signerOf(delivery.stdout).signImage('sunset', 'hero'));
  const answer = once(get({ port: delivery.port, path: slow, host: '127.0.0.1' }), 'response');
  const [response] = await answer;
  delivery.signals.emit('SIGTERM');
  response.resume();
  await once(response, 'end');
  expect(response.complete).toBe(true);
  delivery.signals.emit('SIGINT');
  expect((await delivery.ended).code).toBe(1);
  socket.destroy();
});

test('what it cannot do is told', async () => {
  const port = String(await serve(() => {}));
  const pictures = ['--pictures', folder];
  for (const [args, message] of [
    [[...pictures, '--port', '99999'], '--port takes a number'],
    [[...pictures, '--host', '203.0.113.1'], '--host is not an address of this machine'],
    [[...pictures, 'there'], 'dev takes no operands'],
    [['--port', '0'], 'No folder of pictures is given'],
    [['--port', '0', '--pictures', join(folder, 'none')], '--pictures: expected a folder that can be read'],
    [['--port', port, ...pictures], `Port ${port} is in use`],
  ] as const) {
    const { code, stderr } = await runCommand(['dev', ...args], { env: { XDG_STATE_HOME: home } });
    expect(code, message).toBe(2);
    expect(stderr).toContain(message);
  }
});

test.each([
  ['by itself', undefined],
  ['with a config that is found in the working directory', 'image-signer.config.mjs'],
])('the built command delivers %s, and ends by SIGTERM', async (_title, name) => {
  const working = newFolder();
  const options = { ttl: '1h', variants: { thumb: { width: 320 } }, accountHash };
  if (name !== undefined) writeFiles(working, { [name]: `export default ${JSON.stringify(options)};` });
  const args = [join(root, 'dist/cli.js'), 'dev', '--pictures', folder, '--port', '0'];
  const env = { ...process.env, IMAGES_KEY: name === undefined ? '' : key, XDG_STATE_HOME: home };
  const child = spawn(process.execPath, args, { cwd: working, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  for await (const text of child.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false }))
    if (text.includes('Ctrl+C ends it')) break;
  const port = Number(/localhost:(\d+)/.exec(stdout)?.[1]);
  if (name === undefined) {
    const shown = await send(port, targetOf(signerOf(stdout).signImage('sunset', 'thumb')));
    expect(await sharp(shown.body).metadata()).toMatchObject({ width: 320 });
    const refused = await send(port, '/local-development-only/sunset/thumb', { headers: { accept } });
    expect(refused.text).toContain('<svg');
  } else {
    expect(stdout).toContain(`To show these pictures in the app, set this in ${join(working, name)}:`);
    expect(stdout).not.toContain('local-development-only');
  }
  child.kill('SIGTERM');
  expect(await once(child, 'close')).toEqual([0, null]);
});
