/**
 * `ctx.render` of `koa-ejs` and `@ladjs/koa-views`, on Koa 2 and 3, mounted before us and after us: the helpers in
 * views, and `rewrite.locals` over what views are given. What is in a `title` no rewriting of HTML touches.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import views from '@ladjs/koa-views';
import type Koa from 'koa';
import koaEjs from 'koa-ejs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type CreateKoa, koaOf, koas, oursOf } from '../support/koa-site.ts';
import { accountHash, base, countTokens, id, signerWith, url, withoutTokens } from '../support/samples.ts';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'image-signer-test-'));
  const files = {
    'helpers.ejs': `<img src="<%= signImage(image, 'card') %>" srcset="<%= signSrcset(image) %>">`,
    'mistake.ejs': `<%= signImage(image, 'typo') %>`,
    'data.ejs': `<p title="<%= given %>"></p><%- include('part') %>`,
    'part.ejs': `<b title="<%= page.logo %>"></b>`,
    'layout.ejs': '<main title="<%= given %>"><%- body %></main>',
    'plain.html': `<img src="${url()}">`,
    'data.pug': 'p(title=given)\nb(title=page.logo)',
    'data.hbs': '<p title="{{given}}"></p><b title="{{page.logo}}"></b>',
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Site {
  readonly layout?: string | false;
  readonly answers?: boolean;
  readonly state?: object;
}

const map = { hbs: 'handlebars' };

/** An app that renders by the neighbour, in whichever order. */
type Build = (
  Application: CreateKoa,
  ours: Koa.Middleware,
  respond: (ctx: Koa.Context) => unknown,
  site?: Site,
) => Koa;

function build(isBefore: boolean): Build {
  return (Application, ours, respond, { answers = true, state = {} } = {}) => {
    const neighbour = views(folder, { extension: 'ejs', autoRender: answers, map });
    const mounts = isBefore ? [neighbour, ours] : [ours, neighbour];
    return koaOf(Application, [withState(state), ...mounts, respond]);
  };
}

function withState(state: object): Koa.Middleware {
  return (ctx, next) => {
    Object.assign(ctx.state, state);
    return next();
  };
}

const builds: readonly (readonly [title: string, build: Build])[] = [
  [
    'koa-ejs',
    (Application, ours, respond, { layout = false, answers = true, state = {} } = {}) => {
      const app = koaOf(Application, [withState(state), ours, respond]);
      koaEjs(app, { root: folder, layout, viewExt: 'ejs', cache: false, writeResp: answers });
      return app;
    },
  ],
  ['@ladjs/koa-views before us', build(true)],
  ['@ladjs/koa-views after us', build(false)],
];

const matrix = builds.flatMap(([title, create]) =>
  koas.map(([name, Application]) => [title, name, create, Application] as const),
);
const signer = signerWith({ accountHash });
const signed = signer.signImage(url());
const escaped = (text: string): string => text.replaceAll('&', '&amp;');

describe.each(matrix)('%s on %s', (_title, _name, create, Application) => {
  const ours = (options: object = {}): Koa.Middleware => oursOf({ accountHash, ...options });
  const show = async (
    view: string,
    data: object,
    options: object = {},
    site: Site = {},
  ): Promise<[status: number, text: string]> => {
    const respond = (ctx: Koa.Context) => ctx.render(view, data);
    const app = create(Application, ours(options), respond, site);
    const { status, text } = await ask(app);
    return [status, text];
  };

  test.each([true, false])('signs what a view asks for, where html is %s', async (html) => {
    for (const image of [url(), id]) {
      const src = escaped(signer.signImage(image, 'card'));
      const srcset = escaped(signer.signSrcset(image));
      expect(await show('helpers', { image }, { rewrite: { html } })).toEqual([
        200,
        `<img src="${src}" srcset="${srcset}">`,
      ]);
    }
  });

  test('gives back what is not to be signed, and fails a view that names no variant of the list', async () => {
    const gravatar = 'https://www.gravatar.com/avatar/0';
    expect(await show('helpers', { image: gravatar })).toEqual([
      200,
      `<img src="${gravatar}" srcset="${gravatar}">`,
    ]);
    expect((await show('mistake', { image: gravatar }))[0]).toBe(500);
  });

  test('shows data of the state and of the call signed where locals is on, and as it is elsewhere', async () => {
    const page = { logo: url() };
    const site = { state: { page } };
    const view = (given: string): string => `<p title="${given}"></p><b title="${given}"></b>`;
    for (const html of [true, false]) {
      const rewrite = { html, locals: true };
      expect(await show('data', { given: url() }, { rewrite }, site)).toEqual([200, view(escaped(signed))]);
    }
    expect(await show('data', { given: url() }, {}, site)).toEqual([200, view(url())]);
    expect(page).toEqual({ logo: url() });
  });

  test('takes a view without data, from the state alone', async () => {
    const state = { given: url(), page: { logo: url() } };
    const app = create(Application, ours({ rewrite: { locals: true } }), (ctx) => ctx.render('data'), {
      state,
    });
    expect(countTokens((await ask(app)).text)).toBe(2);
  });

  test('signs data for a text that is rendered without being sent', async () => {
    let text: string | undefined;
    const state = { given: url(), page: { logo: url() } };
    const site = { answers: false, state };
    const respond = async (ctx: Koa.Context): Promise<void> => {
      text = (await ctx.render('data', {})) as unknown as string; // which its types do not say
      ctx.body = 'sent by mail';
    };
    const app = create(Application, ours({ rewrite: { html: false, locals: true } }), respond, site);
    expect((await ask(app)).text).toBe('sent by mail');
    expect(countTokens(text!)).toBe(2);
  });

  test('asks authorize for what is in data, and for helpers', async () => {
    const asked: string[] = [];
    const authorize = (image: { variant: string }): boolean => asked.push(image.variant) < 0;
    const options = { authorize, rewrite: { locals: true } };
    const [, text] = await show('data', { given: url(), page: {} }, options);
    expect(text).toBe(`<p title="${url()}"></p><b title=""></b>`);
    expect(asked).toEqual(['thumb']);
    expect(countTokens((await show('helpers', { image: url() }, options))[1])).toBe(0);
  });

  test('is the app’s to wrap: what is added then is signed, once', async () => {
    const wrap: Koa.Middleware = (ctx, next) => {
      const { render } = ctx;
      ctx.render = (view, data) => render.call(ctx, view, { page: { logo: url() }, ...data });
      return next();
    };
    const respond = (ctx: Koa.Context): unknown => wrap(ctx, () => ctx.render('data', { given: url() }));
    const app = create(Application, ours({ rewrite: { locals: true } }), respond);
    const { text } = await ask(app);
    expect([countTokens(text), withoutTokens(text)]).toEqual([
      2,
      `<p title="${url()}"></p><b title="${url()}"></b>`,
    ]);
  });
});

describe.each(koas)('on %s', (_name, Application) => {
  const state = { given: url(), page: { logo: url() } };
  const locals = { rewrite: { locals: true } };

  test('koa-ejs signs data of a layout too', async () => {
    const [, create] = builds[0]!;
    const app = create(Application, oursOf(locals), (ctx) => ctx.render('data'), { layout: 'layout', state });
    const { text } = await ask(app);
    expect([countTokens(text), text.startsWith('<main title="')]).toEqual([3, true]);
  });

  test.each(builds.slice(1))(
    '%s signs data in each engine, and a file that is a page already',
    async (title, create) => {
      for (const view of ['data.ejs', 'data.pug', 'data.hbs']) {
        const app = create(Application, oursOf(locals), (ctx) => ctx.render(view), { state });
        // As Handlebars escapes it.
        const text = (await ask(app)).text.replaceAll('&#x3D;', '=');
        expect(countTokens(text), view).toBe(2);
      }
      const page = views(folder);
      const mounts = title.endsWith('after us') ? [oursOf(), page] : [page, oursOf()];
      const app = koaOf(Application, [...mounts, (ctx) => ctx.render('plain')]);
      expect(countTokens((await ask(app)).text)).toBe(1);
    },
  );
});

describe.each(koas)('a render that comes after us, on %s', (_name, Application) => {
  const locals = oursOf({ rewrite: { locals: true } });

  test('is not there before, and what is set is what was given, a function apart', async () => {
    const seen: unknown[] = [];
    const app = koaOf(Application, [
      locals,
      (ctx) => {
        const context = ctx as unknown as Record<string, unknown>;
        seen.push(context['render'], Object.keys(context).includes('render'));
        context['render'] = 'text';
        seen.push(context['render'], Object.keys(context).includes('render'));
        ctx.body = 'done';
      },
    ]);
    await ask(app);
    expect(seen).toEqual([undefined, false, 'text', true]);
  });

  test('is left alone where locals is off', async () => {
    const render = (): void => {};
    let seen: unknown;
    const app = koaOf(Application, [
      oursOf(),
      (ctx) => {
        Object.assign(ctx, { render });
        seen = ctx.render;
        ctx.body = base.ttl;
      },
    ]);
    await ask(app);
    expect(seen).toBe(render);
  });
});
