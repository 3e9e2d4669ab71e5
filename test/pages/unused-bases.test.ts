/** A base that no page uses: in development a site is told, once, and where its images are. */
import { afterEach, expect, test, vi } from 'vitest';
import { type ImageSignerEvent, imageSigner } from '../../src/fetch.ts';
import { s3 } from '../../src/schemes.ts';
import { accountHash, base, id, key } from '../support/samples.ts';

const html = { headers: { 'Content-Type': 'text/html; charset=utf-8' } };
const elsewhere = '<img alt="" src="https://cdn.shop.example/a.jpg">';
const image = `<img src="https://imagedelivery.net/${accountHash}/${id}/thumb">`;

afterEach(() => {
  vi.unstubAllEnvs();
});

interface Site {
  readonly events: readonly ImageSignerEvent[];
  show(body: string | ReadableStream<Uint8Array>, times?: number): Promise<void>;
}

function site(options: object = base): Site {
  const events: ImageSignerEvent[] = [];
  const report = (event: ImageSignerEvent): void => {
    if (event.type === 'passed') events.push(event);
  };
  const sign = imageSigner({ report, ...options } as never);
  return {
    events,
    async show(body, times = 1) {
      for (let i = 0; i < times; i++) {
        const response = await sign(new Request('https://shop.example/'), () => new Response(body, html));
        await response.text();
      }
    },
  };
}

const unused = (text: string, ...hosts: readonly string[]): ImageSignerEvent => ({
  type: 'passed',
  reason: 'unused-base',
  base: text,
  hosts,
});

test('is told after a hundred pages with images, once, with the hosts of most images first', async () => {
  const { events, show } = site();
  await show(`${elsewhere}<IMG class=b SRC=//Other.example:8080/a.jpg>`, 3);
  await show(elsewhere, 96);
  expect(events).toEqual([]);
  await show(elsewhere, 30);
  expect(events).toEqual([unused('https://imagedelivery.net', 'cdn.shop.example', 'other.example:8080')]);
});

test('is not told where one page has used it, however the URL is written', async () => {
  const bucket = {
    scheme: s3({
      url: 'https://minio.example/photos',
      from: '/media/photos',
      region: 'auto',
      credentials: { accessKeyId: 'a', secretAccessKey: key },
      prefixes: 'uploads/',
    }),
    ttl: '1h',
  };
  const chunks = [image.slice(0, 30), image.slice(30)].map((chunk) => Buffer.from(chunk));
  const streamed = ReadableStream.from(chunks) as ReadableStream<Uint8Array>;
  for (const [options, used] of [
    [base, image],
    [base, image.toUpperCase()],
    [base, streamed],
    [
      bucket,
      `<script type="application/json">["${'https://minio.example/photos/uploads/a.jpg'.replaceAll('/', '\\/')}"]</script>`,
    ],
    [bucket, '<img src="/_next/image?url=https%3A%2F%2Fminio.example%2Fphotos%2Fuploads%2Fa.jpg&w=64&q=75">'],
    [bucket, '<img src="/media/photos/uploads/a.jpg">'],
  ] as const) {
    const { events, show } = site(options);
    await show(used);
    await show(elsewhere, 101);
    expect(events).toEqual([]);
  }
});

test('each base counts for itself, with its path', async () => {
  const { events, show } = site({
    ...base,
    delivery: ['https://imagedelivery.net', 'https://cdn.shop.example/cdn-cgi/imagedelivery'],
  });
  await show(image + elsewhere, 101);
  expect(events).toEqual([unused('https://cdn.shop.example/cdn-cgi/imagedelivery', 'cdn.shop.example')]);
});

test.each([
  ['of pages without images of others', '<img src="/logo.svg"><img src="data:image/gif;base64,R0lG">', ''],
  ['in production', elsewhere, 'production'],
])('is not told %s', async (_when, body, environment) => {
  if (environment !== '') vi.stubEnv('NODE_ENV', environment);
  const { events, show } = site();
  await show(body, 120);
  expect(events).toEqual([]);
});

test('the warning names the option, and the hosts', async () => {
  const told: string[] = [];
  const emit = vi
    .spyOn(process, 'emitWarning')
    .mockImplementation((message) => void told.push(String(message)));
  Reflect.deleteProperty(globalThis, Symbol.for('image-signer.warned'));
  await site({ ...base, report: undefined }).show(elsewhere, 100);
  emit.mockRestore();
  Reflect.deleteProperty(globalThis, Symbol.for('image-signer.warned'));
  expect(told).toEqual([
    'The base https://imagedelivery.net of the signer is in none of the first hundred pages with images: these have images from cdn.shop.example. If some of these are yours, correct `delivery`. See https://github.com/image-signer/image-signer/blob/main/docs/errors.md#unused-base',
  ]);
});
