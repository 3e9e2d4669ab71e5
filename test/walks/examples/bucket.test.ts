/** The album whose photos lie in a bucket: an S3 server that knows nothing of this package verifies what it signs. */
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { createAlbum } from '../../../examples/bucket/app.ts';
import { startStore } from '../../../examples/bucket/store.ts';
import { readTexts, type Texts } from '../../../examples/bucket/texts.ts';
import { fillStore, invoiceKey, photos } from '../../../examples/bucket/uploads.ts';
import { exceptions, statusOf, withoutToken } from '../../support/generators/gallery-pages.ts';
import { run } from '../../support/servers/gallery.ts';
import { freePort } from '../../support/servers/programs.ts';

/** Ways to write the invoice's key that begin like an upload. */
const detours = [
  `uploads/../${invoiceKey}`,
  `uploads/%2e%2e/${invoiceKey}`,
  `uploads/.%2E/${invoiceKey}`,
  `uploads%2f..%2f${invoiceKey}`,
  `uploads/..%2f${invoiceKey}`,
  `uploads/%252e%252e/${invoiceKey}`,
  `uploads/./../${invoiceKey}`,
  `uploads//../../${invoiceKey}`,
  `uploads\\..\\${invoiceKey}`,
  `./${invoiceKey}`,
  `%69nvoices/2026-11.svg`,
  `${invoiceKey}?/uploads/`,
  `${invoiceKey}#/uploads/`,
  `${invoiceKey}?prefix=uploads/&X-Amz-Algorithm=AWS4-HMAC-SHA256`,
];

/** The ttl of the album is a minute, and its step a quarter of that. */
const stepSeconds = 15;

interface RunningAlbum {
  /** `http://localhost:<port>` */
  readonly address: string;
  /** `http://localhost:<another port>/photos` */
  readonly bucketUrl: string;
  readonly texts: Texts;
  stop(): Promise<void>;
}

/** The clock stands from here on: s3rver takes none from outside, so that it is `Date` itself. */
async function startAlbum(changeTexts: (texts: Texts) => Texts): Promise<RunningAlbum> {
  vi.useFakeTimers({ toFake: ['Date'] });
  const store = await startStore(undefined);
  await fillStore(store);
  const texts = changeTexts(await readTexts(store));
  const server = createServer(createAlbum({ store, texts }));
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  return {
    address: `http://localhost:${(server.address() as AddressInfo).port}`,
    bucketUrl: store.url,
    texts,
    async stop() {
      server.close();
      server.closeAllConnections();
      await store.stop();
      vi.useRealTimers();
    },
  };
}

/** To the first second of the next step. */
function startStep(): void {
  const step = stepSeconds * 1000;
  vi.setSystemTime((Math.floor(Date.now() / step) + 1) * step + 1000);
}

function moveClock(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1000);
}

let album: RunningAlbum;

beforeAll(async () => {
  album = await startAlbum(({ story, comments }) => ({
    story,
    comments: [
      ...comments,
      {
        author: 'Mallory',
        html: detours
          .map((key) => `<img src="${comments[1]!.html.split('"')[1]!.replace(invoiceKey, key)}">`)
          .join(''),
      },
    ],
  }));
});
beforeEach(() => startStep());
afterAll(() => album?.stop());

async function pageText(): Promise<string> {
  const response = await fetch(album.address);
  expect(response.status).toBe(200);
  return response.text();
}

/** Those of the bucket, each once, with a token or without; in attributes, styles and JSON. */
function urlsIn(html: string): string[] {
  const pattern = new RegExp(`${album.bucketUrl}/[^\\s"'()<>]+`, 'g');
  return [...new Set(html.replaceAll('&amp;', '&').match(pattern) ?? [])];
}

function isSigned(url: string): boolean {
  return url.includes('X-Amz-Signature=');
}

async function signedUrls(): Promise<string[]> {
  return urlsIn(await pageText()).filter(isSigned);
}

const keyOf = (url: string): string => withoutToken(url).slice(album.bucketUrl.length + 1);

describe('a page', () => {
  it('has an icon, and a title that names the example', async () => {
    expect(await pageText()).toContain('<title>The tour album · image-signer bucket example</title>');
    const icon = await fetch(`${album.address}/favicon.ico`);
    expect([icon.status, icon.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  });

  it('has a good URL for each photo, wherever it stands', async () => {
    const html = await pageText();
    const urls = urlsIn(html).filter(isSigned);
    const small = photos.slice(0, 3).map(({ smallKey }) => smallKey);
    expect(urls.map(keyOf).sort()).toEqual([...photos.map(({ key }) => key), ...small].sort());
    expect(await exceptions(urls, 200)).toEqual([]);
    for (const place of ['og:image', '<style>', 'srcset="', 'id="tour-data"'])
      expect(isSigned(urlsIn(html.slice(html.indexOf(place)))[0]!), place).toBe(true);
    const photo = await fetch(urls[0]!);
    expect(photo.headers.get('content-type')).toBe('image/jpeg');
    expect(Buffer.from(await photo.arrayBuffer()).toString('hex', 0, 3)).toBe('ffd8ff'); // a JPEG's
  });

  it('renews what was presigned years ago, and leaves the text around it as it is stored', async () => {
    const dead = urlsIn(album.texts.story);
    expect(dead).toHaveLength(2);
    expect(await exceptions(dead, 403)).toEqual([]);
    const html = await pageText();
    const withoutTokens = (text: string): string => text.replaceAll(/\?X-Amz-[^"]+/g, '');
    expect(withoutTokens(html)).toContain(withoutTokens(album.texts.story));
    for (const url of dead) expect(html).not.toContain(url.replaceAll('&', '&amp;'));
  });

  it('leaves objects outside the prefix dark, however a comment writes them', async () => {
    const html = await pageText();
    const { comments } = album.texts;
    for (const { html: comment } of comments.slice(1)) expect(html).toContain(comment);
    expect(comments.slice(1).flatMap((comment) => urlsIn(comment.html))).toHaveLength(1 + detours.length);
    expect(await statusOf(`${album.bucketUrl}/${invoiceKey}`)).toBe(403);
  });
});

describe('the bucket', () => {
  it('answers for a minute at least, and refuses when the URL has expired', async () => {
    const urls = await signedUrls();
    moveClock(60);
    expect(await exceptions(urls, 200)).toEqual([]);
    moveClock(stepSeconds + 1);
    expect(await exceptions(urls, 403)).toEqual([]);
    expect(await exceptions(await signedUrls(), 200)).toEqual([]);
  });

  it('refuses without a token, with another photo’s, and with a changed one', async () => {
    const urls = await signedUrls();
    const [first = '', second = ''] = urls;
    expect(await exceptions(urls.map(withoutToken), 403)).toEqual([]);
    const changed = [
      withoutToken(first) + second.slice(second.indexOf('?')),
      first.replace('X-Amz-Expires=', 'X-Amz-Expires=9'),
      first.replace(/.$/, (digit) => (digit === '0' ? '1' : '0')),
      first.replace('X-Amz-Algorithm', 'x-amz-algorithm'),
      `${withoutToken(first)}?X-Amz-Algorithm=AWS4-HMAC-SHA256`,
      `${withoutToken(first)}?Signature=${first.slice(-64)}`,
      // More parameters than Node.js reads: the last one is a signature that it does not see.
      `${withoutToken(first)}?${'a&'.repeat(1000)}${first.slice(first.indexOf('?') + 1)}`,
    ];
    for (const url of changed) expect(await statusOf(url), url.slice(0, 200)).toBeGreaterThanOrEqual(400);
  });
});

describe('a shared link', () => {
  const share = (name: string): Promise<Response> =>
    fetch(`${album.address}/share/${name}`, { redirect: 'manual' });

  it('lives for five minutes', async () => {
    const name = photos[0]!.key.slice('uploads/'.length, -'.jpg'.length);
    const { status, headers } = await share(name);
    const url = headers.get('location') ?? '';
    expect([status, keyOf(url)]).toEqual([302, photos[0]!.key]);
    moveClock(300);
    expect(await statusOf(url)).toBe(200);
    moveClock(76);
    expect(await statusOf(url)).toBe(403);
  });

  it.each(['nothing', '..%2finvoices%2f2026-11', '__proto__', '%'])('is not there for %j', async (name) => {
    expect((await share(name)).status).toBe(name === '%' ? 400 : 404);
  });
});

describe('the process', () => {
  const entry = 'examples/bucket/start.ts';
  const folder = mkdtempSync(join(tmpdir(), 'bucket-test-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Starts it, sends Ctrl-C once it has printed a text, and checks that it ends cleanly. */
  async function interruptAt(
    text: string,
    visit?: (output: string) => Promise<void>,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { child, ended, output } = run({ PORT: '0', TMPDIR: folder, ...settings }, entry);
    while (child.exitCode === null && !output().includes(text)) await once(child.stdout!, 'data');
    await visit?.(output());
    child.kill('SIGINT');
    const { code, signal, errors } = await ended;
    expect({ code, signal, errors }).toEqual({ code: 0, signal: null, errors: '' });
    expect(readdirSync(folder).filter((name) => name.startsWith('image-signer'))).toEqual([]);
  }

  it.each([
    ['', 'X-Amz-Signature='],
    ['azure', 'sr=b&amp;sp=r&amp;sig='],
  ])('with the store "%s" prints three things to try, which do as they say', async (store, token) => {
    const visit = async (output: string): Promise<void> => {
      const list = output.split('Three things to try:\n')[1]!;
      const things = Array.from(list.matchAll(/^ {2}(http:\S+) {2}\S/gm), ([, url]) => url!);
      const answers = await Promise.all(things.map((url) => fetch(url)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 403]);
      expect(await answers[0]!.text()).toContain(token);
      expect(answers[1]!.headers.get('content-type')).toBe('image/jpeg');
    };
    await interruptAt('Press Ctrl-C to stop.', visit, { STORE: store });
  });

  it('takes no request while it draws, so that no early tab waits, and ends on Ctrl-C then too', async () => {
    const port = await freePort();
    const visit = async (): Promise<void> => {
      await expect(fetch(`http://localhost:${port}/`)).rejects.toThrow('fetch failed');
    };
    await interruptAt('Drawing', visit, { PORT: `${port}` });
  });

  it('says in one line which stores there are', async () => {
    const { code, errors } = await run({ PORT: '0', STORE: 'gcs' }, entry).ended;
    expect([code, errors]).toEqual([1, 'STORE must be s3 or azure, not "gcs". Unset it for s3.\n']);
  });
});
