import Koa from 'koa';
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
