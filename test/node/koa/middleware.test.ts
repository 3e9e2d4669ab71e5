import Koa from 'koa';
import Koa2 from 'koa2';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../../src/koa.ts';
import { base, countTokens, url } from '../../support/samples.ts';
import { exchangeLater } from '../../support/servers/in-memory.ts';

const page = `<p>5 € \ud800 half</p><img src="${url()}">${'<p>text</p>'.repeat(200)}`;
const plain = '<p>5 €</p>'.repeat(200);

/** @param above - what a middleware above ours does once the page is there */
function appOf(app: Koa, above: (ctx: Koa.Context) => void, respond: (ctx: Koa.Context) => void): Koa {
  return app
    .use(async (ctx, next) => {
      await next();
      above(ctx);
    })
    .use(imageSigner({ ...base, report: false } as never))
    .use((ctx) => {
      ctx.type = 'html';
      respond(ctx);
    });
}

test.each<[finds: string, own: string | undefined, control: string]>([
  ['that a signed page has none', undefined, 'public, max-age=60'],
  ['what the app has set', 'no-store', 'no-store'],
])('a middleware above that gives a lifetime finds %s', async (_finds, own, control) => {
  const app = appOf(
    new Koa(),
    (ctx) => ctx.response.get('Cache-Control') || ctx.set('Cache-Control', 'public, max-age=60'),
    (ctx) => {
      if (own !== undefined) ctx.set('Cache-Control', own);
      ctx.body = page;
    },
  );
  const { header, text } = await exchangeLater(app.callback(), '/');
  expect([header('cache-control'), countTokens(text)]).toEqual([control, 1]);
});

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
] as const)('%s: a text, which middleware above sees', (_name, Application) => {
  type Above = (ctx: Koa.Context) => void;

  /** Three times: the third page comes from the cache. */
  async function visits(
    text: string,
    above: Above,
    change: (app: Koa) => void = () => {},
  ): Promise<readonly { sent: Buffer; length: string | undefined }[]> {
    const app = new (Application as typeof Koa)();
    change(app);
    appOf(app, above, (ctx) => {
      ctx.body = text;
    });
    const all = [];
    for (let visit = 0; visit < 3; visit++) {
      const { body, header } = await exchangeLater(app.callback(), '/');
      all.push({ sent: body, length: header('content-length') });
    }
    return all;
  }

  const without = (app: Koa): void => {
    let body: unknown;
    Object.defineProperty(app.response, 'body', {
      get: () => body,
      set(this: Koa.Response, next: unknown) {
        body = next;
        this.length = Buffer.byteLength(next as string);
      },
    });
  };

  test.each([
    ['with images', page, () => {}, 1],
    ['without images', plain, () => {}, 0],
    ['in a version of Koa that keeps its body elsewhere', page, without, 1],
  ] as const)('is the text that goes out, with its length: %s', async (_title, text, change, tokens) => {
    const seen: [body: string, length: string][] = [];
    const all = await visits(
      text,
      ({ body, length }) => void seen.push([body as string, String(length)]),
      change,
    );
    expect(all.map(({ sent, length }) => [sent.toString(), length])).toEqual(
      seen.map(([each, length]) => [Buffer.from(each).toString(), length]),
    );
    expect(all.map(({ sent, length }) => String(sent.length) === length)).toEqual([true, true, true]);
    for (const [each] of seen) expect([typeof each, countTokens(each)]).toEqual(['string', tokens]);
  });

  test.each([
    ['app.response', (app: Koa) => app.response],
    ['app.context', (app: Koa) => app.context],
    ['ctx.response', (_app: Koa, ctx: Koa.Context) => ctx.response],
    ['ctx', (_app: Koa, ctx: Koa.Context) => ctx],
  ] as const)("is all that a `body` of the app's own gets, on %s", async (_place, placeOf) => {
    const got: unknown[] = [];
    const declare = (object: object): void => {
      const koas = Object.getPrototypeOf(object) as object;
      Object.defineProperty(object, 'body', {
        configurable: true,
        get(this: object) {
          return Reflect.get(koas, 'body', this);
        },
        set(this: object, next: unknown) {
          got.push(typeof next);
          Reflect.set(koas, 'body', next, this);
        },
      });
    };
    const change = (app: Koa): void =>
      void app.use((ctx, next) => {
        declare(placeOf(app, ctx));
        return next();
      });
    const all = await visits(page, () => {}, change);
    for (const { sent } of all) expect(countTokens(sent.toString())).toBe(1);
    expect(got).toContain('string');
    expect(got).not.toContain('object');
  });

  test('may be replaced there', async () => {
    const all = await visits(page, (ctx) => {
      ctx.body = `${ctx.body as string}<!-- ä -->`;
    });
    for (const { sent, length } of all) {
      expect(countTokens(sent.toString())).toBe(1);
      expect(sent.toString().endsWith('<p>text</p><!-- ä -->')).toBe(true);
      expect(String(sent.length)).toBe(length);
    }
  });

  test('comes to an `end` below us as a text', async () => {
    const ended: unknown[] = [];
    const wrap = (app: Koa): void => {
      app.use((ctx, next) => {
        const { end } = ctx.res;
        ctx.res.end = function own(this: typeof ctx.res, ...args: unknown[]) {
          ended.push(typeof args[0]);
          return Reflect.apply(end, this, args);
        } as never;
        return next();
      });
    };
    for (const { sent } of await visits(page, () => {}, wrap)) expect(countTokens(sent.toString())).toBe(1);
    expect(ended).toEqual(['string', 'string', 'string']);
  });
});
