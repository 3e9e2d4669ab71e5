/** `image-signer check --images`: what the delivery answers to each image of a page. */
import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { type RunOptions, runCommand } from '../../support/package/command-line.ts';
import { accountHash, otherId, signerWith } from '../../support/samples.ts';
import { html, img } from '../../support/servers/checked-apps.ts';
import {
  answering,
  type Checked,
  checkFlags,
  checkPage,
  openSite,
  withLimits,
} from '../../support/servers/checked-page.ts';

const start = async (listener: RequestListener): Promise<string> => (await openSite(listener)).origin;

/** Signed, under a delivery of this machine. */
function signedAt(delivery: string, id = otherId): string {
  return signerWith({ now: Date.now, delivery }).signImage(`${delivery}/${accountHash}/${id}/thumb`);
}

async function checkImages(
  page: string,
  delivery: string,
  { args = [], options = {} }: { readonly args?: readonly string[]; readonly options?: RunOptions } = {},
): Promise<Checked> {
  const flags = [...checkFlags, '--delivery', delivery, '--images', ...args];
  return checkPage(`${await start(html(page))}/`, flags, options);
}

test.each([
  [200, 'ok', 'signed', undefined],
  [204, 'ok', 'signed', undefined],
  [403, 'dead', 'refused-by-delivery', /Images, Keys: is it the key of this account/],
  [401, 'dead', 'refused-by-delivery', /Images, Keys: is it the key of this account/],
  [404, 'dead', 'refused-by-delivery', /Check that the image/],
  [415, 'dead', 'refused-by-delivery', /a complete image/],
  [501, 'dead', 'refused-by-delivery', /npm install sharp/],
  [500, 'dead', 'refused-by-delivery', /later/],
] as const)('a signed image that the delivery answers with %i is %s', async (status, outcome, code, fix) => {
  const delivery = await start(answering({ status }));
  const { images, code: exit } = await checkImages(img(signedAt(delivery)), delivery);
  expect(images).toMatchObject([{ outcome, code }]);
  expect(images[0]!.message).toContain(`answers ${status}.`);
  if (fix === undefined) expect(images[0]!.fix).toBeUndefined();
  else expect(images[0]!.fix).toMatch(fix);
  expect(exit).toBe(outcome === 'ok' ? 0 : 1);
});

test('images that the delivery refuses for several reasons have a paragraph for each', async () => {
  const statuses = [404, 415, 404];
  const delivery = await start((incoming, response) => {
    response.writeHead(Number(/status-(\d+)/.exec(incoming.url!)?.[1])).end();
  });
  const images = statuses.map((status, index) => img(signedAt(delivery, `status-${status}-${index}`)));
  const page = await start(html(images.join('')));
  const { stdout } = await runCommand(['check', page, ...checkFlags, '--delivery', delivery, '--images']);
  expect(stdout.match(/^broken .*? answers \d+\./gm)).toEqual([
    'broken 2 image URLs. The delivery answers 404.',
    'broken 1 image URL. The delivery answers 415.',
  ]);
});

test('an image without a token is dead if the delivery refuses it, with the reason, and fine if it is public', async () => {
  for (const [status, outcome] of [
    [403, 'dead'],
    [200, 'ok'],
  ] as const) {
    const delivery = await start(answering({ status }));
    const { images } = await checkImages(img(`${delivery}/${accountHash}/${otherId}/thumb`), delivery);
    expect(images).toMatchObject([{ outcome, code: 'page-not-rewritten' }]);
  }
});

test('an image that its page outlives stays dead, though the delivery has it now', async () => {
  const delivery = await start(answering({}));
  const page = await start(html(img(signedAt(delivery)), { 'Cache-Control': 'max-age=9999999' }));
  const { images } = await checkPage(page, [...checkFlags, '--delivery', delivery, '--images']);
  expect(images).toMatchObject([{ outcome: 'dead', code: 'outlived' }]);
});

test('an image whose delivery hangs is dead, and does not keep the others from being asked for', async () => {
  const delivery = await start((incoming, response) => {
    if (!incoming.url!.includes('/slow/')) response.end();
  });
  const page = img(signedAt(delivery, 'slow')) + img(signedAt(delivery, 'fast'));
  const options = withLimits({ timeoutMilliseconds: 500 });
  const { images } = await checkImages(page, delivery, { options });
  expect(images.map(({ outcome }) => outcome)).toEqual(['dead', 'ok']);
  expect(images[0]!.message).toContain('not answer within 0.5 seconds');
});

test('an image is asked for by HEAD and with its token, once however often it stands in the page, and text is not', async () => {
  const seen: string[] = [];
  const delivery = await start((incoming, response) => {
    seen.push(`${incoming.method} ${incoming.url} ${incoming.headers.accept}`);
    // There is no body to decode.
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'Content-Length': '100' }).end();
  });
  const signed = signedAt(delivery);
  const page = `${img(signed)}${img(signed)}<p>${signedAt(delivery, 'text')}</p>`;
  const { images } = await checkImages(page, delivery);
  expect(seen).toEqual([`HEAD ${signed.slice(delivery.length)} image/*`]);
  expect(images.every(({ outcome }) => outcome === 'ok')).toBe(true);
});

test.each([
  [405, 'does not know HEAD'],
  [501, 'has no HEAD'],
  [403, 'signs the method, as S3 does'],
])('after %i the delivery is asked by GET: it %s', async (status) => {
  const methods: unknown[] = [];
  const delivery = await start(({ method }, response) => {
    methods.push(method);
    response.writeHead(method === 'HEAD' ? status : 200).end();
  });
  const { images } = await checkImages(img(signedAt(delivery)), delivery);
  expect(images).toMatchObject([{ outcome: 'ok' }]);
  expect(methods).toEqual(['HEAD', 'GET']);
});

test.each(['directly', 'by a redirect'])(
  'fields of --header go to images at the origin that was given, and to no other; the page comes %s',
  async (way) => {
    const seen: string[] = [];
    const own = `/img/${accountHash}/a/thumb`;
    const listener: RequestListener = (incoming, response) => {
      const { cookie, host } = incoming.headers;
      seen.push(`${new URL(`http://${host}`).origin === page ? 'given' : 'other'} ${incoming.url} ${cookie}`);
      const target = way === 'directly' ? page : delivery;
      if (incoming.url !== '/page') response.end();
      else if (host !== new URL(target).host) response.writeHead(302, { Location: `${target}/page` }).end();
      else html(img(own) + img(`${delivery}/img/${accountHash}/b/thumb`))(incoming, response);
    };
    const delivery = await start(listener);
    const page = await start(listener);
    const flags = [
      '--delivery',
      `${delivery}/img`,
      '--delivery',
      '/img',
      '--images',
      '--header',
      'Cookie: a=b',
    ];
    await checkPage(`${page}/page`, [...checkFlags, ...flags]);
    const other = `other /img/${accountHash}/b/thumb undefined`;
    expect(seen.sort()).toEqual(
      way === 'directly'
        ? ['given /page a=b', `given ${own} a=b`, other].sort()
        : ['given /page a=b', 'other /page undefined', `other ${own} undefined`, other].sort(),
    );
  },
);

test('at most eight images are asked for at once, and never fewer while more wait', async () => {
  const waiting: (() => void)[] = [];
  let most = 0;
  let answered = 0;
  const count = 20;
  const delivery = await start((_, response) => {
    waiting.push(() => response.end());
    most = Math.max(most, waiting.length);
    const expected = Math.min(8, count - answered);
    if (waiting.length < expected) return;
    // One more would have come by now if there were no limit: the eight were sent together.
    setImmediate(() => {
      most = Math.max(most, waiting.length);
      answered += waiting.length;
      for (const answer of waiting.splice(0)) answer();
    });
  });
  const page = Array.from({ length: count }, (_, index) => img(signedAt(delivery, `image-${index}`))).join(
    '',
  );
  const { images } = await checkImages(page, delivery);
  expect(images).toHaveLength(count);
  expect(most).toBe(8);
});

test('the progress is shown on a terminal, up to the last image, and nowhere else', async () => {
  const delivery = await start(answering({}));
  const page = Array.from({ length: 11 }, (_, index) => img(signedAt(delivery, `image-${index}`))).join('');
  const site = await start(html(page));
  const args = ['check', ...checkFlags, '--delivery', delivery, '--images', `${site}/`];
  const shown = (await runCommand(args, { isTTY: true })).stderr;
  const steps = Array.from(
    shown.matchAll(/\r\u001b\[K(\d+) of (\d+) images/g),
    ([, done, of]) => `${done}/${of}`,
  );
  expect(steps).toEqual(Array.from({ length: 11 }, (_, index) => `${index + 1}/11`));
  expect(shown).toContain('\r\u001b[K200 '); // the line is cleared before the summary
  const piped = (await runCommand(args)).stderr;
  expect(piped).not.toContain('\r');
  expect(piped).not.toContain('of 11 images');
});
