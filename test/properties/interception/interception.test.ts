/** But for what is rewritten, an app cannot tell a response with the middleware from Node's own: the same calls go to both. */
import { setImmediate as immediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runs, seed } from '../../support/seed.ts';
import { type Differential, fightInMemory, openDifferential } from './differential.ts';
import { differenceOf } from './outcome-difference.ts';
import { type Script, scriptLiteral, shrink } from './play-script.ts';
import { randomScript } from './random-script.ts';

const socketScripts = runs(3);
const memoryScripts = runs(30);
const atOnce = 30;

let differential: Differential;
beforeAll(async () => {
  differential = await openDifferential();
});
afterAll(() => differential.close());

async function differenceOverSockets(script: Script): Promise<string | undefined> {
  return differenceOf(script, await differential.fight(script));
}

function differenceInMemory(script: Script): string | undefined {
  return differenceOf(script, fightInMemory(script));
}

async function failWith(
  script: Script,
  difference: (script: Script) => Promise<string | undefined> | string | undefined,
): Promise<void> {
  const smallest = await shrink(script, async (each) => (await difference(each)) !== undefined);
  expect.fail(`${await difference(smallest)}\n${scriptLiteral(smallest)}`);
}

describe('over real sockets', () => {
  test(`${socketScripts} random scripts do on a patched response what they do on a plain one`, {
    timeout: 240_000,
  }, async () => {
    for (let at = 0; at < socketScripts; at += atOnce) {
      const scripts = Array.from({ length: atOnce }, (_, index) => randomScript(seed + at + index));
      const differences = await Promise.all(scripts.map(differenceOverSockets));
      for (const [index, script] of scripts.entries())
        if (differences[index] !== undefined) await failWith(script, differenceOverSockets);
    }
  });
});

describe('in memory', () => {
  test(`${memoryScripts} random scripts answer, throw and write on a patched response as on a plain one`, {
    timeout: 240_000,
  }, async () => {
    for (let at = 0; at < memoryScripts; at++) {
      const script = randomScript(seed + at, true);
      if (differenceInMemory(script) !== undefined) await failWith(script, differenceInMemory);
      if (at % 1_000 === 0) await immediate(); // for what the responses have put off
    }
  });
});
