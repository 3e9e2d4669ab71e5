/** Apps of Express within apps, also of another copy: the middleware's hooks hold wherever a response goes, and nowhere else. */
import { ServerResponse } from 'node:http';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test } from 'vitest';
import { send } from '../../support/http/raw.ts';
import { countTokens, url } from '../../support/samples.ts';
import { signing, visit } from '../../support/servers/express-site.ts';
import { frameworks, withSite } from '../../support/servers/frameworks.ts';

type App = express.Express;
const create4 = express4 as unknown as typeof express;
const sendPage: express.RequestHandler = (req, res) =>
  void res.send(`<img src="${url()}">${typeof req.signImage}`);
const withPage = (app: App): App => app.get('/page', sendPage);

/** How many tokens a page has, and whether the request has had the helpers. */
async function tokensAt(app: App, ...paths: string[]): Promise<number[]> {
  const counts: number[] = [];
  for (const path of paths) {
    const { text } = await visit(app, path);
    counts.push(countTokens(text));
    expect([path, text.endsWith('function')]).toEqual([path, countTokens(text) > 0]);
  }
  return counts;
}

const mount = (app: App, mounted: App): App => app.use('/a', mounted);
const call = (app: App, called: App): App => app.use('/a', (req, res, next) => called(req, res, next));

describe.each([
  ['Express 4', create4, create4],
  ['Express 5', express, express],
  ['Express 4 in Express 5', express, create4],
  ['Express 5 in Express 4', create4, express],
])('%s', (_name, outer, inner) => {
  test.each([
    ['mounted, with the middleware around it', mount, true, false],
    ['mounted, with the middleware in it', mount, false, true],
    ['mounted, with the middleware in both', mount, true, true],
    ['called as a function, with the middleware around it', call, true, false],
    ['called as a function, with the middleware in it', call, false, true],
    ['called as a function, with the middleware in both', call, true, true],
  ])(
    'an app that is %s has its pages signed, and so has the app beside it',
    async (title, add, isAround, isIn) => {
      // What another copy of Express has put in the place of the response's methods, only the middleware in it knows.
      if (outer !== inner && title.startsWith('called') && !isIn) return;
      const [app, within] = [outer(), inner()];
      if (isAround) app.use(signing());
      if (isIn) within.use(signing());
      withPage(add(app, withPage(within.use('/deep', withPage(inner())))));
      const beside = isAround ? 1 : 0;
      expect(await tokensAt(app, '/a/page', '/page', '/a/deep/page', '/page')).toEqual([
        1,
        beside,
        1,
        beside,
      ]);
    },
  );
});

describe.each([
  ['Express 4', create4],
  ['Express 5', express],
])('%s', (_name, create) => {
  test('an app that is mounted after the first page is signed, too', async () => {
    const app = withPage(create().use(signing()));
    expect(await tokensAt(app, '/page')).toEqual([1]);
    mount(app, withPage(create()));
    expect(await tokensAt(app, '/a/page', '/page')).toEqual([1, 1]);
  });

  test('an app that served alone can be mounted, and an app beside it sees nothing of it', async () => {
    const mounted = withPage(create().use(signing()));
    expect(await tokensAt(mounted, '/page')).toEqual([1]);
    expect(await tokensAt(withPage(mount(create(), mounted)), '/a/page', '/page')).toEqual([1, 0]);
  });

  test('a middleware in a mounted app holds for what follows that app', async () => {
    const app = mount(create(), create().use(signing())).get(/page$/, sendPage);
    expect(await tokensAt(app, '/a/page', '/page', '/a/page')).toEqual([1, 0, 1]);
  });

  test('an app that is mounted in two others is signed in the first one', async () => {
    const mounted = withPage(create());
    const [first, second] = [mount(create().use(signing()), mounted), mount(create(), mounted)];
    expect([await tokensAt(first, '/a/page'), await tokensAt(second, '/a/page')]).toEqual([[1], [0]]);
  });

  test('methods that an app has given all its responses stay above ours, or below, and are called', async () => {
    const app = create();
    const seen: string[] = [];
    const { end } = app.response;
    Object.assign(app.response, {
      setHeader(this: ServerResponse, name: string, value: string) {
        seen.push(name);
        return ServerResponse.prototype.setHeader.call(this, name, value);
      },
      end(this: ServerResponse, ...args: unknown[]) {
        seen.push(`end ${countTokens(String(args[0]))} ${String(this.getHeader('cache-control'))}`);
        return Reflect.apply(end, this, args);
      },
    });
    expect(await tokensAt(withPage(app.use(signing())), '/page')).toEqual([1]);
    expect(seen).toContain('Content-Type');
    expect(seen.filter((each) => each.startsWith('end'))).toEqual(['end 1 no-cache']);
  });

  test('the helpers are there on each request, for itself alone, and may be replaced', async () => {
    const app = create();
    const answer: express.RequestHandler = (req, res) => {
      const { signImage } = req; // taken off the request, it still signs
      res.json([typeof signImage, countTokens(signImage?.(url()) ?? ''), typeof req.signSrcset]);
    };
    app.get('/before', answer).use(signing()).get('/helpers', answer);
    app.get(
      '/replaced',
      (req, res) => void res.json(Object.assign(req, { signImage: () => 'mine' }).signImage()),
    );
    const texts: string[] = [];
    for (const path of ['/helpers', '/before', '/replaced', '/helpers'])
      texts.push((await visit(app, path)).text);
    const helpers = '["function",1,"function"]';
    expect(texts).toEqual([helpers, '["undefined",0,"undefined"]', '"mine"', helpers]);
  });

  test('views have the helpers where the middleware stands outside the app as well as in it', async () => {
    const middleware = signing();
    const app = create().use(middleware);
    app.get('/', (_, res) => void res.send(typeof res.locals['signImage']));
    const listener = frameworks[0]!.build([middleware as never], app);
    expect((await withSite(listener, (port) => send(port, '/'))).text).toBe('function');
  });
});
