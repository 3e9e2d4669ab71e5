/** The gallery as a process: what it says, what it refuses, and how it ends. */
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningGallery, run, startGallery } from '../../support/servers/gallery.ts';

let temporary: string;
let gallery: RunningGallery;

beforeAll(async () => {
  temporary = await mkdtemp(join(tmpdir(), 'image-signer-test-'));
  gallery = await startGallery({ TMPDIR: temporary });
});
afterAll(async () => {
  await gallery?.stop();
  await rm(temporary, { recursive: true, force: true });
});

/** The gallery's own folders; tsx keeps one beside them. */
async function folders(): Promise<string[]> {
  return (await readdir(temporary)).filter((name) => name.startsWith('image-signer-gallery-'));
}

describe('the end', () => {
  it('is clean on Ctrl-C: connections closed, the folder gone, exit code 0', async () => {
    expect(await folders()).toHaveLength(1);
    const idle = connect(Number(new URL(gallery.address).port), 'localhost');
    await once(idle, 'connect');
    const closed = once(idle, 'close');
    const { code, signal, output, errors } = await gallery.stop('SIGINT');
    expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: '' });
    await closed;
    expect(await folders()).toEqual([]);
    const [, list = ''] = output.split('Things to try:\n');
    expect(list.split('\n').filter((line) => line.includes(gallery.address))).toHaveLength(5);
  });

  it('is clean while the pictures are still being drawn', async () => {
    const { child, ended } = run({ PORT: '0', TMPDIR: temporary });
    await once(child.stdout!, 'data'); // piped
    child.kill('SIGTERM');
    const { code, output } = await ended;
    expect(code).toBe(0);
    expect(output).toMatch(/^Drawing \d+ pictures …\n$/);
    expect(await folders()).toEqual([]);
  });
});

describe('a start that fails', () => {
  const four = {
    IMAGES_KEY: 'hush-hush',
    IMAGES_ACCOUNT_HASH: 'cheeW4oKsx5ljh8e8BoL2A',
    IMAGES_DELIVERY: 'https://imagedelivery.net',
    IMAGES_IDS: 'one,two',
  };

  it.each([
    [
      { IMAGES_KEY: 'hush-hush', IMAGES_IDS: 'one' },
      /^To show pictures from Cloudflare, IMAGES_ACCOUNT_HASH and IMAGES_DELIVERY are missing\. .+\n$/,
    ],
    [{ ...four, IMAGES_IDS: ' , ' }, /^To show .+, IMAGES_IDS is missing\. .+\n$/],
    [{ ...four, IMAGES_IDS: 'one,../two' }, /^IMAGES_IDS .+"\.\.\/two" is not an image id\.\n$/],
    [{ ...four, IMAGES_KEY: ' hush-hush ' }, /^IMAGES_KEY is refused\. .*white space.*\n$/],
    [{ ...four, IMAGES_DELIVERY: 'imagedelivery.net' }, /^IMAGES_DELIVERY must be a whole URL, .+\n$/],
    [{ ...four, IMAGES_DELIVERY: '/images' }, /^IMAGES_DELIVERY must be a whole URL, .+\n$/],
    [{ ...four, IMAGES_DELIVERY: 'https://a@b/' }, /^IMAGES_DELIVERY is refused\. .+\n$/],
    [{ PORT: 'http' }, /^PORT must be a number from 0 to 65535, not "http"\..+\n$/],
    [{ PORT: '70000' }, /^PORT must be .+\n$/],
    [{ SHARED_CACHE: 'yes' }, /^SHARED_CACHE must be 1 or 0, not "yes"\..+\n$/],
  ])('says in one line what is wrong with %j', async (environment, line) => {
    const { code, errors, output } = await run({ PORT: '0', ...environment }).ended;
    expect({ code, output }).toEqual({ code: 1, output: '' });
    expect(errors).toMatch(line);
    expect(errors).not.toContain('hush');
  });

  it('says so when the port is taken', async () => {
    const server = createServer().listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, errors } = await run({ PORT: String(port) }).ended;
    server.close();
    expect(code).toBe(1);
    expect(errors).toBe(
      `Port ${port} is in use by another program. Choose another port: PORT=3001 npm start\n`,
    );
  });
});
