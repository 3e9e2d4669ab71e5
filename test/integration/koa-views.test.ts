/**
 * `rewrite.locals` with `ctx.render` of `koa-ejs` and `@ladjs/koa-views`, on Koa 2 and 3, mounted before us and after us.
 * What is in a `title` no rewriting of HTML touches.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import views from '@ladjs/koa-views';
import type Koa from 'koa';
import koaEjs from 'koa-ejs';
import { afterAll, describe, expect, test } from 'vitest';
import { countTokens, signerWith, url, withoutTokens } from '../support/samples.ts';
import { createFolder } from '../support/servers/express-site.ts';
import { ask, type CreateKoa, koaOf, koas, oursOf } from '../support/servers/koa-site.ts';

const folder = createFolder();
afterAll(() => folder.remove());
const files = {
  'helpers.ejs': '<img src="<%= signImage(image) %>" srcset="<%= signSrcset(image) %>">',
  'data.ejs': `<p title="<%= given %>"></p><%- include('part') %>`,
  'part.ejs': `<b title="<%= page.logo %>"></b>`,
  'layout.ejs': '<main title="<%= given %>"><%- body %></main>',
};
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder.path, name), text);

const state = { given: url(), page: { logo: url() } };
const withState: Koa.Middleware = (ctx, next) => {
  Object.assign(ctx.state, state);
  return next();
};
/** What `data.ejs` makes of the state. */
const data = `<p title="${url()}"></p><b title="${url()}"></b>`;

interface Site {
  readonly layout?: string | false;
  readonly answers?: boolean;
}

/** An app that renders by the neighbour, in whichever order. */
type Build = (Application: CreateKoa, ours: Koa.Middleware, respond: Koa.Middleware, site?: Site) => Koa;

function build(isBefore: boolean): Build {
  return (Application, ours, respond, { answers = true } = {}) => {
    const neighbour = views(folder.path, { extension: 'ejs', autoRender: answers });
    return koaOf(Application, [withState, ...(isBefore ? [neighbour, ours] : [ours, neighbour]), respond]);
  };
}

const buildEjs: Build = (Application, ours, respond, { layout = false, answers = true } = {}) => {
  const app = koaOf(Application, [withState, ours, respond]);
  koaEjs(app, { root: folder.path, layout, viewExt: 'ejs', cache: false, writeResp: answers });
  return app;
};

const builds: readonly (readonly [title: string, build: Build])[] = [
  ['koa-ejs', buildEjs],
  ['@ladjs/koa-views before us', build(true)],
  ['@ladjs/koa-views after us', build(false)],
];
const matrix = builds.flatMap(([title, create]) =>
  koas.map(([name, Application]) => [title, name, create, Application] as const),
);
const locals = { rewrite: { html: false, locals: true } };

describe.each(matrix)('%s on %s', (_title, _name, create, Application) => {
  async function show(options: object, respond: Koa.Middleware, site?: Site): Promise<[string, number]> {
    const { text } = await ask(create(Application, oursOf(options), respond, site));
    return [withoutTokens(text), countTokens(text)];
  }

  test('views have the helpers', async () => {
    const signer = signerWith();
    const app = create(Application, oursOf(), (ctx) => ctx.render('helpers', { image: url() }));
    const text = `<img src="${signer.signImage(url())}" srcset="${signer.signSrcset(url())}">`;
    expect((await ask(app)).text).toBe(text.replaceAll('&', '&amp;'));
  });

  test('data of the state and of the call is signed where locals is on, and stays as it is elsewhere', async () => {
    for (const given of [undefined, {}, { given: url() }]) {
      expect(await show(locals, (ctx) => ctx.render('data', given!))).toEqual([data, 2]);
      expect(await show({}, (ctx) => ctx.render('data', given!))).toEqual([data, 0]);
    }
    expect(state).toEqual({ given: url(), page: { logo: url() } });
  });

  test('signs data for a text that is rendered without being sent', async () => {
    let text: unknown;
    const respond: Koa.Middleware = async (ctx) => {
      text = await ctx.render('data', {});
      ctx.body = 'sent by mail';
    };
    expect(await show(locals, respond, { answers: false })).toEqual(['sent by mail', 0]);
    expect(countTokens(String(text))).toBe(2);
  });

  test('authorize is asked for what is in data', async () => {
    const asked: string[] = [];
    const authorize = ({ variant }: { variant: string }): boolean => asked.push(variant) < 0;
    expect(await show({ ...locals, authorize }, (ctx) => ctx.render('data'))).toEqual([data, 0]);
    expect(asked).toEqual(['thumb']);
  });

  test('is the app’s to wrap: what is added then is signed, once', async () => {
    const respond: Koa.Middleware = (ctx) => {
      const { render } = ctx;
      ctx.render = (view, given) => render.call(ctx, view, { page: { logo: url('card') }, ...given });
      return ctx.render('data', { given: url() });
    };
    expect(await show(locals, respond)).toEqual([data.replace(/thumb(?="><\/b)/, 'card'), 2]);
  });
});

describe.each(koas)('on %s', (_name, Application) => {
  test('koa-ejs signs data of a layout too', async () => {
    const app = buildEjs(Application, oursOf(locals), (ctx) => ctx.render('data'), { layout: 'layout' });
    expect(countTokens((await ask(app)).text)).toBe(3);
  });

  test.each([
    ['is what was given, unless it is a function, where locals is on', locals, 'text'],
    ['is left alone where locals is off', {}, () => 'text'],
  ])('a render that comes after us is not there before, and %s', async (_title, options, render) => {
    const seen: unknown[] = [];
    const respond: Koa.Middleware = (ctx) => {
      seen.push(ctx['render'], Object.keys(ctx).includes('render'));
      Object.assign(ctx, { render, body: 'done' });
      seen.push(ctx['render'], Object.keys(ctx).includes('render'));
    };
    await ask(koaOf(Application, [oursOf(options), respond]));
    expect(seen).toEqual([undefined, false, render, true]);
  });
});
