/** A thousand requests, a tenth of them broken off at random moments. */
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './same-bytes.ts';
import type { SentRequest } from './sites/site.ts';

const requests = 1_000;
export const atOnce = 16;
/** In milliseconds: sometimes before the site has answered, sometimes in the middle of an answer. */
const longestPatience = 40;

/** @returns what was answered with an error */
export async function runStorm(
  port: number,
  storm: readonly SentRequest[],
  random: () => number,
): Promise<string[]> {
  const odd: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let turn = next++; turn < requests; turn = next++) {
      const sent = storm[turn % storm.length]!;
      if (turn % 10 === 9) await breakOff(port, sent, random() * longestPatience);
      else {
        const { status, isComplete } = await ask(port, sent, `127.0.0.1:${port}`);
        if (status >= 400 || !isComplete) odd.push(`${status} ${sent.path}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return odd;
}

/** Sends half of a body at once, and the rest never. */
async function breakOff(port: number, sent: SentRequest, patience: number): Promise<void> {
  const { path, method = 'GET', headers = {}, body } = sent;
  const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
  const options = { host: '127.0.0.1', port, path, method, headers: { ...headers, ...length }, agent: false };
  const asked = request(options, (response) => response.once('error', () => {}).resume());
  asked.once('error', () => {});
  if (body === undefined) asked.end();
  else asked.write(body.slice(0, body.length / 2));
  await sleep(patience);
  asked.destroy();
}
