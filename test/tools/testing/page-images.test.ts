/** What an app's own tests learn about a page: every delivery URL with its verdict, and an error for the first unsigned one. */
import express from 'express';
import Fastify from 'fastify';
import supertest from 'supertest';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../../../src/index.ts';
import { s3 } from '../../../src/schemes.ts';
import { expectSignedImages, imagesIn } from '../../../src/testing.ts';
import { instant, key, otherId, signerWith, url } from '../../support/samples.ts';

const signer = signerWith();
const escaped = (text: string): string => text.replaceAll('&', '&amp;');
const img = (text: string): string => `<img src="${escaped(text)}">`;
const signed = signer.signImage(url());

function messageOf(html: string): string {
  try {
    expectSignedImages(html, signer);
  } catch (error) {
    return String(error);
  }
  throw new Error('It has found nothing to say.');
}

describe('a response in the place of its text', () => {
  const app = express().get('/', (_, res) => {
    res.send(img(signed));
  });

  test.each<[client: string, give: () => unknown, told: string]>([
    ['supertest', () => supertest(app).get('/'), 'Pass the text: response.text.'],
    ['fetch', () => new Response(img(signed)), 'Pass the text: await response.text().'],
    ['inject of Fastify', () => Fastify().inject('/'), 'Pass the text: response.payload.'],
    ['axios', () => ({ status: 200, data: img(signed), config: {} }), 'Pass the text: response.data.'],
    ['got', () => ({ statusCode: 200, body: img(signed) }), 'Pass the text: response.body.'],
    ['undici', () => ({ body: { text: () => img(signed) } }), 'Pass the text: await response.body.text().'],
    ['nothing', () => undefined, 'got undefined. Pass the text: response.text.'],
  ])('of %s says what to pass', async (_client, give, told) => {
    const response = (await give()) as never;
    for (const read of [imagesIn, expectSignedImages]) {
      expect(() => read(response, signer)).toThrow(`${read.name} expected a page as text or bytes, got `);
      expect(() => read(response, signer)).toThrow(told);
    }
  });

  test('that was not waited for is told as such', async () => {
    const test = supertest(app).get('/');
    const told = 'It is a promise: await it, and pass the text';
    expect(() => expectSignedImages(test as never, signer)).toThrow(told);
    expectSignedImages((await test).text, signer);
  });
});

describe('imagesIn', () => {
  test('lists each delivery URL once for each place, with its verdict', () => {
    const html = `${img(signed)}${img(signed)}<a href="/">x</a>${img('https://other.example/a.jpg')}
      <div style="background: url(${url('preview')})"></div><x-hero picture="${url('card')}"></x-hero>`;
    const images = imagesIn(html, signer);
    expect(images.map(({ place, isSigned, code }) => [place, isSigned, code])).toEqual([
      ['<img src>', true, 'signed'],
      ['<div style>', false, 'always-public'],
      ['<x-hero picture>', false, 'attribute-not-rewritten'],
    ]);
    expect(images[0]).toMatchObject({ url: signed, isLoaded: true });
    const { expiresAt } = images[0]!;
    expect(signer.verifyImage(signed)).toMatchObject({ expiresAt });
    expect(images[2]!.fix).toContain("attributes: { 'picture': 'url' }");
  });

  test('takes bytes, of a buffer that holds more as well', () => {
    const whole = Buffer.from(`${img(url('card'))}${img(signed)}`);
    const part = new Uint8Array(whole.buffer, whole.byteOffset + img(url('card')).length, img(signed).length);
    expect(imagesIn(part, signer).map((image) => image.url)).toEqual([signed]);
  });

  test('reads a text that is JSON as such, and other text in brackets as a page', () => {
    const json = JSON.stringify({ cover: signed, body: `<img src="${url('card')}">` });
    expect(imagesIn(json, signer).map(({ place, code }) => [place, code])).toEqual([
      ['JSON', 'signed'],
      ['JSON', 'json-not-rewritten'],
    ]);
    expect(imagesIn(`[not json] ${img(signed)}`, signer)).toMatchObject([{ place: '<img src>' }]);
  });

  test('says why a token is not valid', () => {
    const later = signerWith({ now: () => instant + 3 * 86_400_000 });
    const expired = { isSigned: false, code: 'expired', fix: expect.any(String) };
    expect(imagesIn(img(signed), later)).toMatchObject([expired]);
    const other = signerWith({ key: 'another-key-for-tests-alone' });
    expect(imagesIn(img(signed), other)).toMatchObject([{ isSigned: false, code: 'unknown-signature' }]);
  });

  test('lists URLs that load no image as such', () => {
    expect(imagesIn(`<input value="${url()}">`, signer)).toMatchObject([{ isLoaded: false, code: 'text' }]);
  });

  test('knows the images of other schemes', () => {
    const credentials = { accessKeyId: 'AKIA', secretAccessKey: 'a-secret-of-tests' };
    const [host, region] = ['https://photos.s3.eu-central-1.amazonaws.com', 'eu-central-1'];
    const scheme = s3({ url: host, region, credentials, prefixes: 'uploads/' });
    const bucket = createSigner({ scheme, ttl: '1h', now: () => instant });
    const plain = `${host}/uploads/a.jpg`;
    const page = `${img(plain)}${img(bucket.signImage(plain))}`;
    expect(imagesIn(page, bucket).map(({ isSigned }) => isSigned)).toEqual([false, true]);
  });

  test('refuses what is no signer', () => {
    const error = expect.objectContaining({ code: 'INVALID_OPTION', option: 'signer' });
    expect(() => imagesIn('', { key } as never)).toThrow(error);
  });
});

describe('expectSignedImages', () => {
  test('returns the signed images of a page in which nothing else is loaded', () => {
    const html = `${img(signed)}${img(url('preview'))}<input value="${url('card')}">`;
    expect(expectSignedImages(html, signer).map((image) => image.url)).toEqual([signed]);
  });

  test('throws for the first image that is not signed, with its place and what to change', () => {
    const html = `${img(signed)}${img(url('card'))}${img(url('thumb', otherId))}`;
    expect(messageOf(html)).toMatch(
      /^Error: 2 of 3 image URLs are not signed\. The first is <img src> .*\/card\. Not signed, unlike other images/,
    );
    expect(messageOf(img(url()))).toContain('app.use(imageSigner(…))');
    expect(messageOf(img(url()))).not.toContain('--header');
  });

  test('shows no signature', () => {
    const html = img(signed.replace(/exp=\d+/, 'exp=2000000000'));
    expect(messageOf(html)).toContain('not signed');
    expect(messageOf(html)).not.toMatch(/[0-9a-f]{64}/);
  });

  test('fails on a page without images, and on one whose images need no token', () => {
    expect(messageOf('<p>Sign in first</p>')).toContain('has no delivery URL of this signer');
    expect(messageOf(img(url('preview')))).toContain('No image of the page is signed');
  });
});
