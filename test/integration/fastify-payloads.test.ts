/** What hooks and trailers of a Fastify app get as the payload of a page that is sent as text. */
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { imageSigner } from '../../src/fastify.ts';
import { type Build, options, withApp } from '../support/fastify-site.ts';
import { countTokens, url, withoutTokens } from '../support/samples.ts';

const page = `<p>ünï €</p><img src="${url()}"><img src="${url('card')}">`;

/** Where an app may look at the payload once our hook has run. */
const observers: Readonly<Record<string, (note: (payload: unknown) => void) => Build>> = {
  'a hook of the app': (note) => (app) => {
    app.addHook('onSend', (_request, _reply, payload, done) => {
      note(payload);
      done(null, payload);
    });
    app.get('/', (_, reply) => reply.type('text/html').send(page));
  },
  'a hook of the route': (note) => (app) => {
    const onSend = async (_request: unknown, _reply: unknown, payload: unknown): Promise<unknown> => {
      note(payload);
      return payload;
    };
    app.get('/', { onSend }, (_, reply) => reply.type('text/html').send(page));
  },
  'a trailer': (note) => (app) => {
    app.get('/', (_, reply) => {
      reply.trailer('x-sum', (_reply, payload, done) => {
        note(payload);
        done(null, 'sum');
      });
      return reply.type('text/html').send(page);
    });
  },
};

describe.each(Object.entries(observers))('%s', (_name, build) => {
  test('gets the signed page as text', async () => {
    const seen: unknown[] = [];
    const whole: Build = async (app) => {
      await app.register(imageSigner, options());
      await build((payload) => void seen.push(payload))(app);
    };
    await withApp(whole, async (get) => {
      for (let i = 0; i < 4; i++) expect(countTokens((await get('/')).text)).toBe(2);
    });
    expect(seen.map((each) => typeof each)).toEqual(Array(4).fill('string'));
    expect(seen.map((each) => withoutTokens(String(each)))).toEqual(Array(4).fill(page));
  });
});

test('without them, the page has the length of its bytes', async () => {
  const build: Build = async (app) => {
    await app.register(imageSigner, options());
    app.get('/', (_, reply) => reply.type('text/html').send(page));
  };
  await withApp(build, async (get) => {
    for (let i = 0; i < 4; i++) {
      const { text, body, header } = await get('/');
      expect(withoutTokens(text)).toBe(page);
      expect(header('content-length')).toBe(String(body.length));
    }
  });
});

test('another plugin may read the locals of a reply that we have not seen', async () => {
  const build: Build = async (app) => {
    app.addHook('onRequest', async (_request, reply) => {
      const { locals } = reply as { readonly locals?: unknown };
      reply.header('x-locals', JSON.stringify(locals));
      Object.assign(reply, { locals: { title: 'ours' } });
    });
    await app.register(imageSigner, options());
    app.get('/', (_, reply) => JSON.stringify(Object.keys((reply as { readonly locals?: object }).locals!)));
  };
  await withApp(build, async (get) => {
    const { header, text } = await get('/');
    expect(header('x-locals')).toBe('null');
    expect(JSON.parse(text).sort()).toEqual(['signImage', 'signSrcset', 'title']);
  });
});

test('the locals that another plugin has declared with a getter get the helpers', async () => {
  const build: Build = async (app) => {
    app.decorateReply('locals', { getter: () => ({ title: 'theirs' }) });
    await app.register(imageSigner, options());
    app.get('/', (_, reply) => JSON.stringify(Object.keys((reply as { readonly locals?: object }).locals!)));
  };
  await withApp(build, async (get) => {
    expect(JSON.parse((await get('/')).text).sort()).toEqual(['signImage', 'signSrcset', 'title']);
  });
});

test('what a later hook puts in the place of a stream for HEAD has its own length', async () => {
  for (const [body, length] of [
    ['<b>replaced</b>', '15'],
    [undefined, '4321'],
  ] as const) {
    const build: Build = async (app) => {
      await app.register(imageSigner, options());
      app.addHook('onSend', async (_request, reply, payload) => {
        if (body === undefined) reply.header('Content-Length', length);
        return body ?? payload;
      });
      app.head('/', (_, reply) => reply.type('text/html').send(Readable.from([page])));
    };
    await withApp(build, async (get) => {
      expect((await get('/', { method: 'HEAD' })).header('content-length')).toBe(length);
    });
  }
});

test('a HEAD route whose stream fails at once answers with the error that it has without the plugin', async () => {
  const app: Build = (site) => {
    site.head('/', (_request, reply) =>
      reply.type('text/html').send(
        new Readable({
          read() {
            this.destroy(new Error('on purpose'));
          },
        }),
      ),
    );
    site.head('/page', (_request, reply) => reply.type('text/html').send(Readable.from([page])));
  };
  const statuses: number[][] = [];
  for (const plugins of [[], [imageSigner]]) {
    const build: Build = async (site) => {
      for (const plugin of plugins) await site.register(plugin, options());
      await app(site);
    };
    await withApp(build, async (get) => {
      const answers = [await get('/', { method: 'HEAD' }), await get('/page', { method: 'HEAD' })];
      statuses.push(answers.map(({ status }) => status));
    });
  }
  expect(statuses).toEqual([
    [500, 200],
    [500, 200],
  ]);
});

test('a payload that Fastify refuses is refused with the plugin, too', async () => {
  const build: Build = async (app) => {
    await app.register(imageSigner, options());
    app.get('/', (_, reply) => reply.type('text/html').send({ url: url() }));
  };
  await withApp(build, async (get) => expect((await get('/')).status).toBe(500));
});

test('a stream whose length the app has set arrives whole, without that length', async () => {
  const build: Build = async (app) => {
    await app.register(imageSigner, options());
    app.get('/', (_, reply) =>
      reply
        .type('text/html')
        .header('content-length', Buffer.byteLength(page))
        .send(Readable.from([page])),
    );
  };
  await withApp(build, async (get) => {
    const { header, text, isComplete } = await get('/');
    expect([header('content-length'), isComplete, countTokens(text)]).toEqual([undefined, true, 2]);
    expect(withoutTokens(text)).toBe(page);
  });
});
