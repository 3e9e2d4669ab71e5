/**
 * The helpers and `rewrite.locals` in five template engines on Express 4 and 5, called as each engine calls functions.
 * What arrives is read by an HTML parser, since engines escape in different ways.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type express from 'express';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type CreateExpress, expresses } from '../support/express-site.ts';
import { accountHash, base, id, otherId, signerWith, url } from '../support/samples.ts';
import {
  type TemplateEngine,
  templateEngines,
  type ViewName,
  writeViews,
} from '../support/template-engines.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  writeViews(folder);
});

afterAll(() => rmSync(folder, { recursive: true }));

/** What a view is rendered with, unless a test says otherwise. */
const locals = { image: url(), variant: undefined, candidates: undefined };

interface Rendered {
  readonly status: number;
  /** Of each element, its attributes. */
  readonly elements: readonly Readonly<Record<string, string>>[];
  /** Of an error: as the app got it. */
  readonly message: string;
}

async function render(
  create: CreateExpress,
  { extension, install }: TemplateEngine,
  view: ViewName,
  data: object,
  options: object = {},
): Promise<Rendered> {
  const app = create();
  app.set('views', folder);
  app.set('view engine', extension);
  install?.(app, folder);
  app.use(imageSigner({ ...base, accountHash, ...options } as ImageSignerOptions));
  app.get('/', (_, res) => res.render(view, { ...locals, ...data }));
  let message = '';
  app.use(((error: Error, _req, res, _next) => {
    ({ message } = error);
    res.status(500).end();
  }) satisfies express.ErrorRequestHandler);
  const { status, text = '' } = await supertest(app).get('/');
  return { status, elements: elementsOf(text), message };
}

function elementsOf(html: string): Record<string, string>[] {
  const isElement = (node: DefaultTreeAdapterTypes.ChildNode): node is DefaultTreeAdapterTypes.Element =>
    'attrs' in node;
  return parseFragment(html)
    .childNodes.filter(isElement)
    .map(({ attrs }) => Object.fromEntries(attrs.map(({ name, value }) => [name, value])));
}

const matrix = templateEngines.flatMap((engine) =>
  expresses.map(([name, create]) => [engine.name, name, engine, create] as const),
);

describe.each(matrix)('%s on %s', (_name, _express, engine, create) => {
  const signer = signerWith({ accountHash });
  const show = (view: ViewName, data: object, options?: object): Promise<Rendered> =>
    render(create, engine, view, data, options);

  test('asks authorize for what a view signs, unless the view says that the app has decided', async () => {
    const options = { authorize: () => false, rewrite: { html: false } };
    const sorted = async (view: ViewName): Promise<unknown[]> => {
      const { elements } = await show(view, { image: id }, options);
      // Handlebars passes named arguments in an order of its own.
      return elements.map(({ src, srcset }) => [src, srcset?.split(', ').sort()]);
    };
    expect(await sorted('brief')).toEqual([[url('card'), [`${url('card')} 2x`, `${url()} 1x`]]]);
    const signed = signer.signSrcset(id, { card: '2x', thumb: '1x' });
    expect(await sorted('decided')).toEqual([[signer.signImage(id, 'card'), signed.split(', ')]]);
  });

  test.each([true, false])('signs what a view asks for, where html is %s', async (html) => {
    const candidates = { thumb: '1x', card: '2x' };
    for (const image of [url(), id]) {
      const { elements } = await show('image', { image, variant: 'card', candidates }, { rewrite: { html } });
      expect(elements).toEqual([
        { src: signer.signImage(image, 'card'), srcset: signer.signSrcset(image, candidates) },
      ]);
    }
  });

  test('signs an image alone', async () => {
    const { elements } = await show('plain', {});
    expect(elements).toEqual([{ src: signer.signImage(url()), srcset: signer.signSrcset(url()) }]);
  });

  test('takes options and candidates as the engine writes them', async () => {
    const { elements } = await show('brief', { image: id });
    const options = { ttl: '5m' } as const;
    const [{ src, srcset } = {}] = elements;
    expect(src).toBe(signer.signImage(id, 'card', options));
    // Handlebars hands named arguments over backwards; to a browser the order of candidates is one.
    expect(srcset?.split(', ').sort()).toEqual(
      signer.signSrcset(id, { thumb: '1x', card: '2x' }, options).split(', ').sort(),
    );
  });

  test('signs each image of a list', async () => {
    const { elements } = await show('list', { photos: [{ id }, { id: otherId }] });
    expect(elements).toEqual([id, otherId].map((each) => ({ src: signer.signImage(each, 'card') })));
  });

  test.each(['https://www.gravatar.com/avatar/0?s=80&d=mp', '/static/logo.svg'])(
    'gives %s back as it is',
    async (image) => {
      const events: ImageSignerEvent[] = [];
      const report = (event: ImageSignerEvent): void => note(events, event);
      for (const view of ['image', 'plain', 'brief'] as const) {
        const { elements } = await show(view, { image, variant: 'card' }, { report });
        expect(elements, view).toEqual([{ src: image, srcset: image }]);
      }
      expect(events).toHaveLength(6);
      for (const { reason, type } of events as Extract<ImageSignerEvent, { type: 'skipped' }>[])
        expect([type, reason]).toEqual(['skipped', 'not-a-delivery-url']);
    },
  );

  test('gives null back as null', async () => {
    const { printedNull } = engine;
    for (const view of ['image', 'plain', 'brief'] as const) {
      const { elements, status } = await show(view, { image: null, variant: 'card' });
      expect(status).toBe(200);
      expect(elements, view).toEqual([
        printedNull === undefined ? {} : { src: printedNull, srcset: printedNull },
      ]);
    }
  });

  test.each([
    ['an unknown variant', { variant: 'typo' }, /expected one of the variants thumb, card, preview/],
    [
      'an unknown candidate',
      { candidates: { typo: '1x' } },
      /expected one of the variants thumb, card, preview/,
    ],
    ['a wrong descriptor', { candidates: { thumb: '320' } }, /expected a width such as '320w'/],
  ] as const)('fails a view with %s, whatever the image', async (_title, mistake, told) => {
    for (const image of [url(), null, 'https://www.gravatar.com/avatar/0']) {
      const { status, message } = await show('image', { ...mistake, image });
      expect(status).toBe(500);
      expect(message).toMatch(told);
    }
  });

  test('shows data with its URLs signed where rewrite.locals is on, and as it is elsewhere', async () => {
    for (const [picture, signed] of [
      [url('card'), signer.signImage(url('card'))],
      ['https://www.gravatar.com/avatar/0?s=80&d=mp', 'https://www.gravatar.com/avatar/0?s=80&d=mp'],
    ] as const) {
      const on = await show('data', { picture }, { rewrite: { locals: true } });
      expect(on.elements).toEqual([{ title: signed }]);
      const off = await show('data', { picture });
      expect(off.elements).toEqual([{ title: picture }]);
    }
  });

  test('signs once where helpers and rewrite.locals meet', async () => {
    const { elements } = await show('plain', {}, { rewrite: { locals: true } });
    expect(elements).toEqual([{ src: signer.signImage(url()), srcset: signer.signSrcset(url()) }]);
  });
});
