/** Several machines that share nothing but options and the time: what one gives out, each of the others takes. */
import express, { type RequestHandler } from 'express';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { imageSigner as fetchSigner } from '../../src/fetch.ts';
import { imageSigner } from '../../src/index.ts';
import { type RawResponse, send } from '../support/http/raw.ts';
import { base, type Clock, clockAt, countTokens, instant, signerWith, url } from '../support/samples.ts';
import { withSite } from '../support/servers/frameworks.ts';
import '../support/seed.ts';

const page = `<h1>Shop</h1><img src="${url()}" srcset="${url('card')} 640w">`;

type Ask = (headers?: Record<string, string>) => Promise<Pick<RawResponse, 'status' | 'header' | 'text'>>;

/** A machine with Express. */
function server(now: Clock, options: object = {}): Ask {
  const app = express();
  const showPage: RequestHandler = (_request, response) => void response.set('ETag', '"a"').send(page);
  app.use(imageSigner({ ...base, ...options, now })).get('/', showPage);
  return (headers = {}) => withSite(app, (port) => send(port, '/', { headers }));
}

/** And one at the edge. */
function worker(now: Clock, options: object = {}): Ask {
  const sign = fetchSigner({ ...base, ...options, now } as never);
  return async (headers = {}) => {
    const response = await sign(new Request('https://shop.example/', { headers }), (request) =>
      /"a"/.test(request.headers.get('if-none-match') ?? '')
        ? new Response(null, { status: 304, headers: { etag: '"a"' } })
        : new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8', etag: '"a"' } }),
    );
    const { status, headers: given } = response;
    return { status, header: (name) => given.get(name) ?? undefined, text: await response.text() };
  };
}

describe('machines whose clocks agree', () => {
  // Six hours have steps of their own: any moment of one will do.
  const machines = [
    server(clockAt()),
    server(clockAt(instant + 3_600_000)),
    worker(clockAt(instant + 60_000)),
  ];

  test('send the same bytes and the same tag', async () => {
    const answers = await Promise.all(machines.map((ask) => ask()));
    for (const { status, text, header } of answers) {
      expect([status, text]).toEqual([200, answers[0]!.text]);
      expect(header('etag')).toBe(answers[0]!.header('etag'));
    }
    expect(countTokens(answers[0]!.text)).toBe(2);
  });

  test('answer the tags of each other with 304', async () => {
    const answers = await Promise.all(machines.map((ask) => ask()));
    for (const ask of machines) {
      for (const { header } of answers) {
        const again = await ask({ accept: 'text/html', 'if-none-match': header('etag')! }); // a page has one
        expect([again.status, again.text]).toEqual([304, '']);
      }
    }
  });
});

test('what a server has signed goes through the edge as it is', async () => {
  const { text } = await server(clockAt())();
  for (const seconds of [0, -3600, 3600]) {
    const sign = fetchSigner({ ...base, now: clockAt(instant + seconds * 1000) } as never);
    const response = await sign(
      new Request('https://shop.example/'),
      () => new Response(text, { headers: { 'content-type': 'text/html' } }),
    );
    expect(await response.text()).toBe(text);
  }
});

describe('machines whose clocks do not', () => {
  const seconds = fc.integer({ min: 2, max: 400 });

  test('differ around the end of a step, for as long as their clocks do, and take the URLs of each other', () => {
    fc.assert(
      fc.property(seconds, seconds, fc.nat(), fc.nat({ max: 1_000_000 }), (ttl, step, much, start) => {
        const stableFor = Math.min(step, ttl);
        const skew = much % stableFor;
        const [behind, ahead] = [clockAt(start * 1000), clockAt((start + skew) * 1000)];
        const [late, early] = [behind, ahead].map((now) => signerWith({ ttl, stableFor, now }));
        let different = 0;
        for (let second = 0; second < stableFor; second++) {
          const [one, other] = [late!.signImage(url()), early!.signImage(url())]; // there are two
          if (one !== other) different++;
          const left = (signed: string, clock: Clock): number => {
            const verified = (clock === behind ? late : early)!.verifyImage(signed);
            return verified.ok && 'expiresAt' in verified ? verified.expiresAt - clock() / 1000 : 0;
          };
          // The one that is ahead sees what the other has signed run out earlier, by as much as it is ahead.
          expect(left(other, behind)).toBeGreaterThanOrEqual(ttl);
          expect(left(one, ahead)).toBeGreaterThanOrEqual(ttl - skew);
          behind.advance(1);
          ahead.advance(1);
        }
        expect(different).toBe(skew);
      }),
      { numRuns: 40 },
    );
  });

  test('send the whole page where the other has a step of its own', async () => {
    // A second before the end of a step of six hours, and a second after.
    const border = (Math.floor(instant / 21_600_000) + 1) * 21_600_000;
    for (const machine of [server, worker]) {
      const [late, early] = [machine(clockAt(border - 1_000)), machine(clockAt(border + 1_000))];
      for (const [ask, other] of [
        [late, early],
        [early, late],
      ] as const) {
        const tag = (await other()).header('etag')!;
        const { status, text } = await ask({ accept: 'text/html', 'if-none-match': tag });
        expect([status, countTokens(text)]).toEqual([200, 2]);
      }
    }
  });
});

describe('a key that is rotated, machine by machine', () => {
  const [older, newer] = ['the-key-that-goes-away', 'the-key-that-comes-now'];
  const steps = [older, [older, newer], [newer, older], newer].map((key) => ({ key }));

  test('in three steps has each machine take what the others have signed', () => {
    for (const [index, options] of steps.entries()) {
      for (const neighbour of steps.slice(Math.max(0, index - 1), index + 2)) {
        // Old tokens are gone before their key goes: the last step is taken a ttl and a step later.
        if (options.key === newer && neighbour.key !== newer) continue;
        const signed = signerWith(neighbour).signImage(url());
        expect(signerWith(options).verifyImage(signed).ok, JSON.stringify([options, neighbour])).toBe(true);
      }
    }
  });

  test('with the new one in front at once is refused where it has not arrived', () => {
    const signed = signerWith({ key: [newer, older] }).signImage(url());
    expect(signerWith({ key: older }).verifyImage(signed)).toEqual({ ok: false, reason: 'bad-signature' });
  });

  test('changes pages and tags as it moves to the front, and not before', async () => {
    const [before, added, moved] = await Promise.all(steps.map((options) => server(clockAt(), options)()));
    expect([added!.text, added!.header('etag')]).toEqual([before!.text, before!.header('etag')]);
    expect(moved!.text).not.toBe(before!.text);
    const again = await server(clockAt(), steps[2])({ 'if-none-match': before!.header('etag')! });
    expect([again.status, again.text]).toEqual([200, moved!.text]);
  });
});
