/**
 * CPU time that a page of 100 KB with 60 images takes in workerd beside the same page unsigned: what Cloudflare counts.
 * It is that of the whole process, read from Linux, before and after a round of requests.
 */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { startModule } from '../support/servers/workerd.ts';
import { median } from '../support/statistics.ts';
import { giveFigure } from './give-figure.ts';
import { print, rounds } from './rounds.ts';

const requestsInRound = 200;
const kinds = {
  same: 'the same page again',
  mixed: 'another page, of images seen before',
  fresh: 'new images',
};

const { port, close } = await startModule(join(import.meta.dirname, 'worker-site.js'));
const workerd = execFileSync('pgrep', ['-P', String(process.pid), 'workerd'], { encoding: 'utf8' }).trim();
const agent = new Agent({ keepAlive: true, maxSockets: 1 });
let page = 0;

/** In milliseconds for each request. */
async function cpuOf(way: string, kind: string): Promise<number> {
  const before = cpuTime();
  for (let i = 0; i < requestsInRound; i++) {
    const sent = request({ port, agent, path: `/${way}/${kind}/${page++}` }).end();
    const [response] = await once(sent, 'response');
    await once(response.resume(), 'end');
  }
  return (cpuTime() - before) / requestsInRound;
}

/** User and system time, in milliseconds: `utime` and `stime` of proc(5), whose tick is 10 ms. */
function cpuTime(): number {
  const fields = readFileSync(`/proc/${workerd}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

const rows = [['ms of processor time in workerd', 'plain', 'added']];
for (const [kind, title] of Object.entries(kinds)) {
  const [plain, added]: [number[], number[]] = [[], []];
  for (let round = -2; round < rounds; round++) {
    const [without, signed] = [await cpuOf('plain', kind), await cpuOf('signed', kind)];
    if (round < 0) continue; // warm
    plain.push(without);
    added.push(signed - without);
  }
  giveFigure(['worker', kind], median(added), 1, 'ms');
  rows.push([title, median(plain).toFixed(2), median(added).toFixed(2)]);
}
print('a page of 100 KB with 60 images', rows);
agent.destroy();
await close();
