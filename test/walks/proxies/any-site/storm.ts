/** A thousand requests, a tenth of them broken off at random moments; then the proxy has to be as it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from '../account.ts';
import type { OpenSite } from '../sites/site.ts';
import { exchange, open, type SentRequest } from './exchange.ts';
import type { SigningProxy } from './signing-proxy.ts';

const requests = 1000;
const atOnce = 16;
/** In MiB, by the last thousand. */
const mostGrowth = 8;
/** In milliseconds: sometimes before the site has answered, sometimes in the middle of an answer. */
const longestPatience = 40;

export async function judgeStorm(
  account: Account,
  { storm, stored }: OpenSite,
  proxy: SigningProxy,
  random: () => number,
  closing: AbortSignal,
): Promise<void> {
  const host = new URL(proxy.address).host;
  const before = await proxy.handles();
  const { answered, aborted, odd } = await runStorm(proxy.address, storm, random, closing, requests);
  account.check(`answers ${answered} requests while ${aborted} are broken off`, odd.length === 0, odd);
  const memory = [await proxy.memory()];
  let grown = Number.POSITIVE_INFINITY;
  // What is reserved once stays reserved; a leak grows with each thousand.
  for (let round = 0; round < 4 && grown > mostGrowth; round++) {
    await runStorm(proxy.address, storm, random, closing, requests);
    memory.push(await proxy.memory());
    grown = memory.at(-1)! - memory.at(-2)!;
  }
  // It keeps connections to the site, as many as there were requests at once.
  const after = await settledHandles(proxy, before + atOnce, closing);
  account.check(`has its handles back: ${before} before, ${after} after`, after <= before + atOnce);
  account.check(
    `and its memory levels off: ${memory.map((each) => each.toFixed()).join(', ')} MiB after each thousand`,
    grown <= mostGrowth,
  );
  const still = await Promise.all(storm.map((sent) => exchange(proxy.address, sent, host)));
  account.check(
    'the site answers as before',
    still.every(({ status }) => status < 400),
  );
  account.check('no token has been stored', !/[?&;]sig=/.test(await stored()));
}

async function runStorm(
  address: string,
  storm: readonly SentRequest[],
  random: () => number,
  closing: AbortSignal,
  count: number,
): Promise<{ answered: number; aborted: number; odd: string[] }> {
  const host = new URL(address).host;
  const odd: string[] = [];
  let next = 0;
  let answered = 0;
  let aborted = 0;
  const work = async (): Promise<void> => {
    for (let turn = next++; turn < count && !closing.aborted; turn = next++) {
      const sent = storm[turn % storm.length]!;
      if (turn % 10 === 9) {
        await breakOff(address, sent, host, random() * longestPatience);
        aborted++;
        continue;
      }
      const { status } = await exchange(address, sent, host);
      answered++;
      if (status >= 400) odd.push(`${status} ${sent.path}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return { answered, aborted, odd };
}

/** Sends half of a body at once, and the rest never. */
async function breakOff(address: string, sent: SentRequest, host: string, patience: number): Promise<void> {
  const { body } = sent;
  const asked = open(address, sent, host, (response) => response.once('error', () => {}).resume());
  asked.once('error', () => {});
  if (body === undefined) asked.end();
  else asked.write(body.slice(0, body.length / 2));
  await sleep(patience);
  asked.destroy();
}

/** Connections that were broken off end a little later: waits for that, ten seconds at most. */
async function settledHandles(proxy: SigningProxy, wanted: number, closing: AbortSignal): Promise<number> {
  for (let turn = 0; turn < 40 && (await proxy.handles()) > wanted; turn++) {
    await sleep(250, undefined, { signal: closing });
  }
  return proxy.handles();
}
