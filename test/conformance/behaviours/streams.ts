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
