/** `res.send` of a text that comes again. That it sends what Express would send is a law: `properties/quick-lane`. */
import type { RequestListener, ServerResponse } from 'node:http';
import express from 'express';
import express4 from 'express4';
import { describe, expect, test, vi } from 'vitest';
import { SentTexts } from '../../../src/caches/sent-texts.ts';
import { createSigner, imageSigner } from '../../../src/index.ts';
import { hookSend } from '../../../src/node/middleware/express-send.ts';
import { exchangeLater } from '../../support/in-memory.ts';
import { base, countTokens, url } from '../../support/samples.ts';

const page = `<!DOCTYPE html><img src="${url()}">`.padEnd(2000, '.');

/** What lies in memory that pages share is gone after it. */
function readAnother(): void {
  createSigner(base).rewriteHtml('#'.repeat(20_000));
}

describe.each([
  ['Express 4', express4],
  ['Express 5', express],
] as const)('%s', (_name, create) => {
  async function visit(app: express.Express, count: number): Promise<readonly (string | undefined)[]> {
    app.use(imageSigner({ ...base, report: false }));
    app.use((_request, response) => void response.send(page));
    const tags: (string | undefined)[] = [];
    for (let index = 0; index < count; index++) {
      const { header, text } = await exchangeLater(app as RequestListener, '/');
      expect(countTokens(text)).toBe(1);
      tags.push(header('etag'));
    }
    return tags;
  }

  test('Express hashes a text twice, and not again', async () => {
    const app = create();
    const hash = app.get('etag fn') as unknown as (body: Buffer) => string;
    let calls = 0;
    const counting = {
      generateETag(body: Buffer): string {
        calls++;
        return hash(body);
      },
    };
    app.set('etag fn', counting.generateETag);
    const tags = await visit(app, 5);
    expect(new Set(tags).size).toBe(1);
    expect(tags[0]).toMatch(/^W\/"7d0-/);
    expect(calls).toBe(2);
  });

  test('Express encodes no text that it has not sent before', async () => {
    const from = vi.spyOn(Buffer, 'from');
    try {
      await visit(create(), 1);
      expect(from.mock.calls.filter(([text]) => (text as unknown) === page)).toEqual([]);
    } finally {
      from.mockRestore();
    }
  });

  test("an app's own function for tags is asked each time", async () => {
    let calls = 0;
    const tags = await visit(
      create().set('etag', (body: Buffer) => `"${body.length}-${++calls}"`),
      4,
    );
    expect(tags.map((each) => each?.slice(0, 9))).toEqual([1, 2, 3, 4].map((each) => `W/"2000-${each}`));
  });

  /** An `end` above all others, which keeps what it gets. */
  function wrapEnd(response: express.Response, got: unknown[]): void {
    const { end } = response;
    response.end = (...args: unknown[]): never => {
      got.push(args[0]);
      return Reflect.apply(end, response, args) as never;
    };
  }

  test.each(['app.response', 'response'])(
    "a `set` of the app's own, on its %s, sees what Express sets",
    async (place) => {
      const app = create();
      const seen: unknown[] = [];
      const got: unknown[] = [];
      const replace = (response: express.Response): void => {
        const { set } = response;
        const own = function (this: express.Response, ...args: [never]): express.Response {
          seen.push(args[0]);
          if (args[0] === 'ETag') wrapEnd(this, got);
          return set.apply(this, args);
        };
        response.set = own as typeof set;
      };
      if (place === 'app.response') replace(app.response);
      else app.use((_request, response, next) => next(void replace(response)));
      await visit(app, 3);
      const once = ['Content-Type', 'Content-Length', 'ETag'];
      // Express 4 sets the type twice.
      expect(seen.filter((each, index) => each !== seen[index - 1])).toEqual([...once, ...once, ...once]);
      readAnother();
      expect(got.map(String)).toEqual([page, page, page]);
    },
  );

  test.each(['app.request', 'request'])(
    "a `fresh` of the app's own, on its %s, may wrap `end`",
    async (place) => {
      const app = create();
      const got: Buffer[] = [];
      const declare = (object: object): void => {
        Object.defineProperty(object, 'fresh', {
          get(this: express.Request) {
            wrapEnd(this.res!, got);
            return false;
          },
        });
      };
      if (place === 'app.request') declare(app.request);
      else app.use((request, _response, next) => next(void declare(request)));
      await visit(app, 3);
      readAnother();
      expect(got.map(String)).toEqual([page, page, page]);
      expect(new Set(got).size).toBe(3);
    },
  );

  test('an app that wants no tags gets none', async () => {
    expect(await visit(create().disable('etag'), 3)).toEqual([undefined, undefined, undefined]);
  });
});

test('a `send` that a package has put in the place of that of Express gets texts', () => {
  const got: unknown[] = [];
  const shared = { send: (body: unknown) => void got.push(body), getHeader() {}, hasHeader: () => false };
  const texts = new SentTexts(1_000_000);
  const response = Object.create(Object.create(shared)) as ServerResponse & typeof shared;
  hookSend(response, () => ({ response, sentTexts: texts, takesWhole: true }));
  for (let visit = 0; visit < 3; visit++) response.send(page);
  expect(got).toEqual([page, page, page]);
});
