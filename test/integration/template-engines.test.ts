/**
 * The helpers and `rewrite.locals` in five template engines on Express 4 and 5, called as each engine calls functions.
 * What arrives is read by an HTML parser, since engines escape in different ways.
 */
import type express from 'express';
import { type DefaultTreeAdapterTypes, parseFragment } from 'parse5';
import { afterAll, describe, expect, test } from 'vitest';
import type { ImageSignerEvent } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { accountHash, id, signerWith, url } from '../support/samples.ts';
import {
  type CreateExpress,
  createFolder,
  expresses,
  signing,
  visit,
} from '../support/servers/express-site.ts';
import { type TemplateEngine, templateEngines, type ViewName, writeViews } from './template-engines.ts';

const { path: folder, remove } = createFolder();
afterAll(remove);
writeViews(folder);

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
  app.use(signing({ accountHash, ...options }));
  app.get('/', (_, res) => res.render(view, { ...locals, ...data }));
  let message = '';
  app.use(((error: Error, _req, res, _next) => {
    ({ message } = error);
    res.status(500).end();
  }) satisfies express.ErrorRequestHandler);
  const { status, text } = await visit(app);
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
    const rewrite = { html, locals: !html };
    for (const image of [url(), id]) {
      const { elements } = await show('image', { image, variant: 'card', candidates }, { rewrite });
      const signed = { src: signer.signImage(image, 'card'), srcset: signer.signSrcset(image, candidates) };
      expect(elements).toEqual([signed]);
    }
    const [alone] = (await show('image', {}, { rewrite })).elements;
    expect(alone).toEqual({ src: signer.signImage(url()), srcset: signer.signSrcset(url()) });
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

  test('gives back what is not to be signed, null as null', async () => {
    const events: ImageSignerEvent[] = [];
    const report = (event: ImageSignerEvent): void => note(events, event);
    const { printedNull } = engine;
    for (const [image, src] of [
      ['https://www.gravatar.com/avatar/0?s=80&d=mp', 'https://www.gravatar.com/avatar/0?s=80&d=mp'],
      ['/static/logo.svg', '/static/logo.svg'],
      [null, printedNull],
    ]) {
      const expected = src === undefined ? {} : { src, srcset: src };
      for (const view of ['image', 'brief'] as const)
        expect((await show(view, { image, variant: 'card' }, { report })).elements, view).toEqual([expected]);
    }
    expect(events).toHaveLength(12);
    for (const event of events)
      expect(event).toMatchObject({ type: 'skipped', reason: 'not-a-delivery-url' });
  });

  test.each([
    ['an unknown variant', { variant: 'typo' }, /expected one of the variants thumb, card/],
    ['an unknown candidate', { candidates: { typo: '1x' } }, /expected one of the variants thumb, card/],
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
});
