/** The Koa example, started as a user starts it: what guests and members get, and how it ends. `walks/examples/hostile` has the rest. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { createClock } from '../../../examples/gallery/clock.ts';
import { ownAccountHash, ownBase, ownDelivery, urlOf } from '../../../examples/gallery/delivery.ts';
import { drawings } from '../../../examples/gallery/pictures/catalogue.ts';
import { createStore, headOf } from '../../../examples/gallery/store.ts';
import { createKoaGallery } from '../../../examples/koa/app.ts';
import {
  exceptions,
  inOtherVariant,
  signedUrlsIn,
  withoutToken,
} from '../../support/generators/gallery-pages.ts';
import { type RawResponse, send } from '../../support/http/raw.ts';
import { withSite } from '../../support/servers/frameworks.ts';
import { type RunningGallery, startGallery } from '../../support/servers/gallery.ts';

const entry = 'examples/koa/start.ts';
const membersIds = drawings.flatMap(({ id, isForMembers }) => (isForMembers ? id : []));
const account = `${ownBase}/${ownAccountHash}`;
const pages = ['/', '/article'];

let gallery: RunningGallery;
let port: number;

beforeAll(async () => {
  gallery = await startGallery({}, entry);
  port = Number(new URL(gallery.address).port);
});
afterAll(() => gallery?.stop());

function ask(path: string, viewer = 'guest'): Promise<RawResponse> {
  return send(port, path, { headers: { cookie: `viewer=${viewer}` } });
}

async function htmlOf(viewer: string): Promise<string> {
  const answers = await Promise.all(pages.map((path) => ask(path, viewer)));
  return answers.map(({ text }) => text).join('\n');
}

const sharp = new RegExp(`(?:${membersIds.join('|')})/(?:thumb|card|hero)`);

it.each(['guest', 'member'])(
  'a %s gets addresses that are good as they are, and refused without token and in another variant',
  async (viewer) => {
    const urls = signedUrlsIn(await htmlOf(viewer), gallery.address);
    const pictures = drawings.length - (viewer === 'member' ? 0 : membersIds.length);
    expect(urls).toHaveLength(pictures * 3); // each in three sizes, and never with two tokens
    expect(await exceptions(urls, 200)).toEqual([]);
    expect(await exceptions(urls.map(withoutToken), 403)).toEqual([]);
    expect(await exceptions(urls.map(inOtherVariant), 403)).toEqual([]);
  },
);

it('shows a guest the previews of the members’ pictures, and not a word of anything sharper', async () => {
  const html = await htmlOf('guest');
  expect(html.match(sharp)).toBeNull();
  expect((await ask('/')).header('cache-control')).toBe('private, no-cache');
  for (const id of membersIds) expect(html).toContain(`src="${account}/${id}/preview"`);
  const times = (await htmlOf('member')).split(sharp).length - 1;
  expect(times).toBeGreaterThanOrEqual(membersIds.length * 3);
});

it('stores the article without tokens, and sends just that with tokens in it', async () => {
  const delivery = ownDelivery(port);
  const store = createStore({
    pictures: drawings,
    urlOf: (picture, variant) => urlOf(delivery, picture, variant),
    absoluteUrlOf: (picture, variant) => urlOf(delivery, picture, variant, delivery.absoluteBase),
  });
  const stored = store.read();
  expect(stored.body + stored.hero).not.toMatch(/exp=|sig=/);
  const { text } = await ask('/article', 'member');
  const plain = text.replaceAll(/\?exp=\d+&(?:amp;)?sig=[0-9a-f]{64}/g, '');
  expect(text.length - plain.length).toBeGreaterThan(10 * 80);
  expect(plain).toContain(stored.body);
  expect(plain).toContain(headOf(stored));
});

it('has an icon, and titles that name the page', async () => {
  const titles = (await htmlOf('guest')).match(/(?<=<title>)[^<]+/g);
  expect(titles).toEqual(pages.map(() => expect.stringMatching(/^.+ · image-signer gallery in Koa$/)));
  expect(new Set(titles).size).toBe(pages.length);
  const icon = await fetch(`${gallery.address}/favicon.ico`);
  expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
});

it('leads nowhere that is not there', async () => {
  const html = await htmlOf('member');
  const links = Array.from(html.matchAll(/\b(?:href|action)="([^"]+)"/g), ([, link = '']) => link);
  const paths = [...new Set(links)].filter((link) => !/^#|\/viewer$/.test(link));
  expect(paths.length).toBeGreaterThan(15);
  for (const path of paths) expect((await ask(path.replaceAll('&amp;', '&'))).status, path).toBe(200);
});

it('keeps quiet about visitors who leave in the middle of a picture, and ends cleanly while one is there', async () => {
  const [url = ''] = signedUrlsIn((await ask('/')).text, gallery.address);
  // More pictures than fit into what lies between the two ends.
  const leaving = connect(port, '127.0.0.1');
  leaving.write(`GET ${url.slice(gallery.address.length)} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(200));
  await once(leaving, 'data');
  leaving.destroy();
  const idle = connect(port, '127.0.0.1');
  await once(idle, 'connect');
  const closed = once(idle, 'close');
  expect((await ask('/')).status).toBe(200);

  const { code, signal, output, errors } = await gallery.stop('SIGTERM');
  expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: '' });
  await closed;
  const [, list = ''] = output.split('Things to try:\n');
  expect(list.split('\n').filter((line) => line.includes(gallery.address))).toHaveLength(3);
});

describe('a mistake of the site', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is told in the terminal, and to the visitor without its words', async () => {
    const printed = vi.spyOn(console, 'error').mockImplementation(() => {});
    const mistake = new Error('the store has burnt down');
    const read = (): never => {
      throw mistake;
    };
    const app = createKoaGallery({
      pictures: drawings,
      delivery: ownDelivery(80),
      store: { read, write() {}, reset() {} },
      clock: createClock(),
      folder: undefined,
      sharedCache: false,
    });
    await withSite(app.callback(), async (at) => {
      const { status, text } = await send(at, '/article');
      expect(status).toBe(500);
      expect(text).toContain('The server failed.');
      expect(text).not.toMatch(/burnt|\.ts:|node_modules/);
      expect((await send(at, '/')).status).toBe(200);
    });
    expect(printed.mock.calls).toEqual([[mistake]]);
  });
});
