/** An encoded body arrives as the page would that it decodes to; what is corrupt as it was sent, or without a clean end. */
import { connect } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ImageSignerOptions, imageSigner } from '../../../src/index.ts';
import { base } from '../../support/samples.ts';
import { runs, seed } from '../../support/seed.ts';
import { serve } from '../../support/servers/frameworks.ts';
import { ZlibHandles } from '../../support/zlib-handles.ts';
import { CodedArena } from './arena.ts';
import { type CodedGroup, type Kind, randomGroup } from './coded-case.ts';
import { stillHeld } from './garbage.ts';
import { abortFault, brokenProperty } from './property.ts';

const arena = new CodedArena();
beforeAll(() => arena.listen());
afterAll(() => arena.close());

const atOnce = 24;
/** One that hangs is told after a while. */
const timeout = 120_000;

/** @returns how many cases were played */
async function hold(
  kind: Kind,
  groups: number,
  property: (group: CodedGroup) => Promise<string | undefined>,
): Promise<number> {
  let next = 0;
  let cases = 0;
  let failure: string | undefined;
  const run = async (): Promise<void> => {
    while (next < groups) {
      const own = seed + next++;
      const group = randomGroup(own, kind);
      cases += group.cases.length;
      const broken = await property(group).catch((error: unknown) => String(error));
      if (broken === undefined) continue;
      next = groups;
      failure ??= `${broken}\nSEED=${own}, ${kind}: ${inspect(group, { depth: null, maxArrayLength: null })}`;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, run)); // all of them: what comes after counts what is left
  if (failure !== undefined) expect.fail(failure);
  return cases;
}

async function differenceOf(group: CodedGroup): Promise<string | undefined> {
  return brokenProperty(await arena.fight(group));
}

test('each part is heard of where the client ends while the first is being decoded', async () => {
  const body = gzipSync('<p>text');
  const heard: number[] = [];
  let close: () => void = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const sign = imageSigner(base as ImageSignerOptions);
  const site = await serve((request, response) =>
    sign(request, response, () => {
      response.setHeader('Content-Type', 'text/html').setHeader('Content-Encoding', 'gzip');
      response.write(body.subarray(0, 12), () => heard.push(0));
      response.write(body.subarray(12, 14), () => heard.push(1));
      response.once('close', () => setImmediate(setImmediate, close));
      response.socket!.end(); // as Node does once it has read the client's end
    }),
  );
  const socket = connect(site.port, '127.0.0.1');
  socket.resume().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await closed;
  await site.close();
  expect(heard).toEqual([0, 1]);
});

const [sound, faulty, aborted] = [runs(0.5), runs(0.3), runs(0.25)] as const;

test(`${1.5 * sound} encoded bodies arrive as the pages that they are, signed`, { timeout }, async () => {
  expect(await hold('sound', sound, differenceOf)).toBeGreaterThan(1.1 * sound); // of three groups one has two to five of them
});

test(`${faulty} corrupt bodies arrive as they were sent, or have no clean end`, { timeout }, async () => {
  await hold('faulty', faulty, differenceOf);
});

test(`where ${aborted} clients go, callbacks are called, coders are gone, and nothing is thrown or held`, {
  timeout,
}, async () => {
  const handles = new ZlibHandles().start();
  const thrown: unknown[] = [];
  const hear = (error: unknown): void => void thrown.push(error);
  process.on('unhandledRejection', hear).on('uncaughtExceptionMonitor', hear);
  arena.responses.length = 0;
  await hold('aborted', aborted, async (group) => abortFault(await arena.fight(group)));
  process.off('unhandledRejection', hear).off('uncaughtExceptionMonitor', hear);
  handles.stop();
  expect(thrown).toEqual([]);
  expect(handles.made).toBeGreaterThan(aborted);
  expect(handles.open).toBe(0);
  expect(arena.responses.length).toBeGreaterThan(aborted);
  expect(await stillHeld(arena.responses)).toBe(0);
});
