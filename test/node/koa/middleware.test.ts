import Koa from 'koa';
import Koa2 from 'koa2';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../../src/koa.ts';
import { exchangeLater } from '../../support/in-memory.ts';
import { base, countTokens, url } from '../../support/samples.ts';

describe('a middleware above that gives each page a lifetime which has none', () => {
  const visit = async (
    own: string | undefined,
  ): Promise<readonly [control: string | undefined, tokens: number]> => {
    const app = new Koa()
      .use(async (ctx, next) => {
        await next();
        if (!ctx.response.get('Cache-Control')) ctx.set('Cache-Control', 'public, max-age=60');
      })
      .use(imageSigner({ ...base, report: false } as never))
      .use((ctx) => {
        ctx.type = 'html';
        if (own !== undefined) ctx.set('Cache-Control', own);
        ctx.body = `<img src="${url()}">`;
      });
    const { header, text } = await exchangeLater(app.callback(), '/');
    return [header('cache-control'), countTokens(text)];
  };

  test('finds that a signed page has none', async () => {
    expect(await visit(undefined)).toEqual(['public, max-age=60', 1]);
  });

  test('finds what the app has set', async () => {
    expect(await visit('no-store')).toEqual(['no-store', 1]);
  });
});

describe.each([
  ['Koa 2', Koa2],
  ['Koa 3', Koa],
] as const)('%s: a text, which middleware above sees', (_name, Application) => {
  const page = `<p>5 € \ud800 half</p><img src="${url()}">${'<p>text</p>'.repeat(200)}`;
  const plain = '<p>5 €</p>'.repeat(200);
  type Above = (ctx: Koa.Context) => void;

  async function visits(
    text: string,
    above: Above,
    change: (app: Koa) => void = () => {},
  ): Promise<readonly { sent: Buffer; length: string | undefined }[]> {
    const app = new (Application as typeof Koa)();
    change(app);
    app.use(async (ctx, next) => {
      await next();
      above(ctx);
    });
    app.use(imageSigner({ ...base, report: false } as never));
    app.use((ctx) => {
      ctx.type = 'html';
      ctx.body = text;
    });
    const all = [];
    // The third one comes from the cache.
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
    const seen: unknown[] = [];
    const lengths: unknown[] = [];
    const above: Above = (ctx) => {
      seen.push(ctx.body);
      lengths.push(String(ctx.length));
    };
    const all = await visits(text, above, change);
    expect(all.map(({ sent }) => sent.toString())).toEqual(
      seen.map((each) => Buffer.from(each as string).toString()),
    );
    expect(all.map(({ length }) => length)).toEqual(lengths);
    expect(all.map(({ sent }) => String(sent.length))).toEqual(lengths);
    for (const each of seen) expect([typeof each, countTokens(each as string)]).toEqual(['string', tokens]);
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
    const all = await visits(
      page,
      () => {},
      (app) => {
        app.use((ctx, next) => {
          declare(placeOf(app, ctx));
          return next();
        });
      },
    );
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
      expect([sent.toString().endsWith('<p>text</p><!-- ä -->'), String(sent.length)]).toEqual([
        true,
        length,
      ]);
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
