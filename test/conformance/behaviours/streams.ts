/** Bodies that come about while they are sent: they stream as they did, and end as they did, well or badly. */
import { expect } from 'vitest';
import { id, otherId } from '../../support/samples.ts';
import { countTokens, withoutTokens } from '../stores/index.ts';
import type { Behaviours } from './behaviour.ts';

export const streams: Behaviours = {
  'what is there goes out before the rest is, but for a tag that is open': async (
    visit,
    { first, rest },
    createBarrier,
  ) => {
    const barrier = createBarrier();
    const reading = await (await visit('pages')).open(`/barrier?barrier=${barrier.url}`);
    const early = await reading.until('<p>second</p>');
    await barrier.reached;
    expect([withoutTokens(early.text), countTokens(early.text), early.isComplete]).toEqual([
      first[0],
      1,
      false,
    ]);
    expect(early.header('content-length')).toBeUndefined();
    await barrier.open();
    const whole = await reading.whole();
    expect([withoutTokens(whole.text), countTokens(whole.text), whole.isComplete]).toEqual([
      first.join('') + rest,
      2,
      true,
    ]);
  },

  'a line of JSON goes out signed before the next one is there, if rewrite.json is on': async (
    visit,
    { lines },
    createBarrier,
  ) => {
    const barrier = createBarrier();
    const reading = await (await visit('with-json')).open(`/lines?barrier=${barrier.url}`);
    const early = await reading.until('"P",4]]');
    await barrier.reached;
    expect([withoutTokens(early.text), countTokens(early.text)]).toEqual([lines[0], 1]);
    await barrier.open();
    const { text, isComplete, header } = await reading.whole();
    expect(isComplete).toBe(true);
    expect(header('content-type')).toMatch(/^text\/x-script/);
    expect(text.split('\n').map(countTokens)).toEqual([1, 1, 0]);
    expect(withoutTokens(text)).toBe(lines.join(''));
  },

  'an event goes out signed before the next one is written, JSON and HTML': async (
    visit,
    { events },
    createBarrier,
  ) => {
    const barrier = createBarrier();
    const reading = await (await visit('with-events')).open(`/events?barrier=${barrier.url}`);
    const early = await reading.until('">\n\n');
    await barrier.reached;
    expect([withoutTokens(early.text), countTokens(early.text)]).toEqual([events[0], 1]);
    await barrier.open();
    const { text, isComplete, header } = await reading.whole();
    expect([isComplete, withoutTokens(text), countTokens(text)]).toEqual([true, events.join(''), 2]);
    expect(header('content-type')).toMatch(/^text\/event-stream/);
    expect([header('cache-control'), header('content-length')]).toEqual(['no-cache', undefined]);
  },

  'and so it does where the app has encoded it': async (visit, { events }, createBarrier) => {
    const barrier = createBarrier();
    const reading = await (await visit('with-events')).open(`/coded-events?barrier=${barrier.url}`);
    const early = await reading.untilDecoded('">\n\n');
    await barrier.reached;
    expect([withoutTokens(early), countTokens(early)]).toEqual([events[0], 1]);
    await barrier.open();
    const whole = await reading.untilDecoded(events[1].slice(-4));
    expect([withoutTokens(whole), countTokens(whole)]).toEqual([events.join(''), 2]);
    expect((await reading.whole()).isComplete).toBe(true);
  },

  'events of HTML are left alone unless rewrite.events says so, and events of JSON unless rewrite.json does':
    async (visit, { events }, createBarrier) => {
      for (const [name, signed] of [
        ['pages', 0],
        ['with-json', 1],
      ] as const) {
        const barrier = createBarrier();
        const reading = await (await visit(name)).open(`/events?barrier=${barrier.url}`);
        await barrier.open();
        const { text } = await reading.whole();
        expect([withoutTokens(text), countTokens(text)]).toEqual([events.join(''), signed]);
      }
    },

  'a part of JSON goes out signed, with the delimiter behind it, before the next one is written': async (
    visit,
    { parts },
    createBarrier,
  ) => {
    const barrier = createBarrier();
    const reading = await (await visit('with-json')).open(`/deferred?barrier=${barrier.url}`);
    const early = await reading.until('true}\r\n---');
    await barrier.reached;
    expect([withoutTokens(early.text), countTokens(early.text)]).toEqual([parts[0], 1]);
    await barrier.open();
    const { text, isComplete } = await reading.whole();
    expect([isComplete, withoutTokens(text), countTokens(text)]).toEqual([true, parts.join(''), 2]);
  },

  'what Turbo gets is a page': async (visit, { page, signer }) => {
    const { text, header } = await (await visit('pages')).ask('/turbo');
    expect(text).toBe(signer.rewriteHtml(page));
    expect(header('content-type')).toBe('text/vnd.turbo-stream.html; charset=utf-8');
  },

  'a source that fails after its first part has that part sent, and nothing else': async (
    visit,
    { first },
    createBarrier,
  ) => {
    const barrier = createBarrier();
    const reading = await (await visit('pages')).open(`/failure?barrier=${barrier.url}`);
    await reading.until('<p>second</p>');
    await barrier.open();
    const { text } = await reading.whole();
    expect([withoutTokens(text), countTokens(text)]).toEqual([first[0], 1]);
  },

  'a source that fails after its first part ends the connection, without a clean end': async (
    visit,
    _subject,
    createBarrier,
  ) => {
    const barrier = createBarrier();
    const reading = await (await visit('pages')).open(`/failure?barrier=${barrier.url}`);
    await reading.until('<p>second</p>');
    await barrier.open();
    expect((await reading.whole()).isComplete).toBe(false);
  },

  'a client that goes ends the source': async (visit, _subject, createBarrier) => {
    const barrier = createBarrier();
    const site = await visit('pages');
    const reading = await site.open(`/barrier?barrier=${barrier.url}`);
    await reading.until('<p>second</p>');
    await barrier.reached;
    reading.leave();
    await barrier.left;
    expect((await site.ask('/')).status).toBe(200);
  },

  'responses that are on their way at the same time do not mix': async (visit, { url }, createBarrier) => {
    const site = await visit('pages');
    const names = [id, otherId, 'third'];
    const readings = await Promise.all(
      names.map(async (name) => {
        const barrier = createBarrier();
        return { name, barrier, reading: await site.open(`/whose?name=${name}&barrier=${barrier.url}`) };
      }),
    );
    for (const { reading, barrier, name } of readings) {
      await reading.until(`${url('thumb', name)}?`);
      await barrier.reached;
    }
    for (const { barrier } of readings.reverse()) await barrier.open();
    for (const { reading, name } of readings) {
      const { text, isComplete } = await reading.whole();
      expect([isComplete, countTokens(text)]).toEqual([true, 2]);
      for (const other of names) expect(text.includes(other)).toBe(other === name);
    }
  },
};
