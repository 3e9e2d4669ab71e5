/** The Koa example as a process, and what it says of its own mistakes. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../examples/gallery/clock.ts';
import { ownDelivery } from '../../examples/gallery/delivery.ts';
import { drawings } from '../../examples/gallery/pictures/catalogue.ts';
import { createKoaGallery } from '../../examples/koa/app.ts';
import { withSite } from '../support/frameworks.ts';
import { run, startGallery } from '../support/gallery.ts';
import { signedUrlsIn } from '../support/gallery-pages.ts';
import { send } from '../support/raw.ts';

const entry = 'examples/koa/start.ts';

describe('the process', () => {
  it('keeps quiet about visitors who leave in the middle of a picture, and ends cleanly while one is there', async () => {
    const gallery = await startGallery({}, entry);
    const port = Number(new URL(gallery.address).port);
    const [url = ''] = signedUrlsIn((await send(port, '/')).text, gallery.address);
    // More pictures than fit into what lies between the two ends.
    const leaving = connect(port, '127.0.0.1');
    leaving.write(`GET ${url.slice(gallery.address.length)} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(200));
    await once(leaving, 'data');
    leaving.destroy();
    const idle = connect(port, '127.0.0.1');
    await once(idle, 'connect');
    const closed = once(idle, 'close');
    expect((await send(port, '/')).status).toBe(200);

    const { code, signal, output, errors } = await gallery.stop('SIGTERM');
    expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: '' });
    await closed;
    const [, list = ''] = output.split('Things to try:\n');
    expect(list.split('\n').filter((line) => line.includes(gallery.address))).toHaveLength(3);
  });

  it('says in one line that the port is taken', async () => {
    const server = createServer().listen(0);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, errors } = await run({ PORT: String(port) }, entry).ended;
    server.close();
    expect(code).toBe(1);
    expect(errors).toBe(
      `Port ${port} is in use by another program. Choose another one: PORT=3001 npm run example -- koa\n`,
    );
  });
});

describe('the process, on Cloudflare’s delivery', () => {
  const four = {
    IMAGES_KEY: 'hush-hush',
    IMAGES_ACCOUNT_HASH: 'cheeW4oKsx5ljh8e8BoL2A',
    IMAGES_DELIVERY: 'https://imagedelivery.net',
    IMAGES_IDS: 'one,two,three',
  };

  it('says in one line what the signer refuses', async () => {
    const { code, errors } = await run({ PORT: '0', ...four, IMAGES_KEY: ' hush-hush ' }, entry).ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/^IMAGES_KEY is refused\. .*white space.*\n$/);
    expect(errors).not.toContain('hush');
  });

  it('signs the addresses of the account, and draws nothing', async () => {
    const gallery = await startGallery(four, entry);
    const { text, header } = await send(Number(new URL(gallery.address).port), '/');
    const account = `${four.IMAGES_DELIVERY}/${four.IMAGES_ACCOUNT_HASH}`;
    const urls = signedUrlsIn(text, gallery.address).map((url) => url.slice(0, url.indexOf('?')));
    const sizes = ['hero', 'thumb', 'card'];
    const expected = ['one', 'two'].flatMap((id) => sizes.map((size) => `${account}/${id}/${size}`));
    expect(urls.sort()).toEqual(expected.sort());
    expect(text).toContain(`src="${account}/three/preview"`);
    expect(header('content-security-policy')).toContain("img-src 'self' https://imagedelivery.net;");
    const { code, output } = await gallery.stop();
    expect(code).toBe(0);
    expect(output).not.toContain('Drawing');
  });
});

describe('a mistake of the site', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is told in the terminal, and to the visitor without its words', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const mistake = new Error('the store has burnt down');
    const store = {
      read: () => {
        throw mistake;
      },
      write: () => {},
      reset: () => {},
    };
    const app = createKoaGallery({
      pictures: drawings,
      delivery: ownDelivery(80),
      store,
      clock: createClock(),
      folder: undefined,
      sharedCache: false,
    });
    await withSite(app.callback(), async (port) => {
      const { status, text } = await send(port, '/article');
      expect(status).toBe(500);
      expect(text).toContain('The mistake is ours');
      expect(text).not.toMatch(/burnt|\.ts:|node_modules/);
      expect((await send(port, '/')).status).toBe(200);
    });
    expect(printed.mock.calls).toEqual([[mistake]]);
  });
});
