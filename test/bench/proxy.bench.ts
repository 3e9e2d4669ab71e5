/**
 * `npm run bench:proxy`: what `image-signer proxy` still serves beside the bare proxy library, in turn, round by round. Each
 * stands before a site of its own. Nothing is asserted but that answers are right. `ROUNDS` sets how many; `REQUESTS` is how
 * many requests the memory is measured over, for pages and files each (`REQUESTS=100000`; none by default).
 */
import { cpus } from 'node:os';
import { countTokens, withoutTokens } from '../support/samples.ts';
import { median } from '../support/statistics.ts';
import { inTurn } from './http-first-byte.ts';
import { ProxyContender, type ProxyKind, type ProxyRound } from './proxy-contender.ts';
import { table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 11);
const requests = Number(process.env['REQUESTS'] ?? 0);
const roundLength = 500;
const warmUp = 1_000;

/** The share of the requests that is to be kept. */
const goals: Readonly<Record<ProxyKind, number>> = { page: 0.85, json: 0.95, file: 0.95, empty: 0.95 };

async function start(kind: ProxyKind): Promise<readonly [ProxyContender, ProxyContender]> {
  const contenders = [
    await ProxyContender.start('bare', kind),
    await ProxyContender.start('ours', kind),
  ] as const;
  const [bare, ours] = await Promise.all(contenders.map(async (each) => (await each.ask()).response));
  const isSame = kind === 'page' ? withoutTokens(ours!.text) === bare!.text : ours!.body.equals(bare!.body);
  if (!isSame || ours!.status !== bare!.status || countTokens(ours!.text) > 0 !== (kind === 'page'))
    throw new Error(`${kind}: the answers are not those that are to be measured`);
  return contenders;
}

async function measureRequests(kind: ProxyKind): Promise<string[]> {
  const contenders = await start(kind);
  for (const contender of contenders) {
    await contender.openLoad();
    await contender.run(warmUp);
  }
  const samples: ProxyRound[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const which of inTurn(contenders.length, round))
      samples[which]!.push(await contenders[which]!.run(roundLength));
  for (const contender of contenders) await contender.stop();
  const [bare, ours] = samples as [ProxyRound[], ProxyRound[]];
  const of = (those: readonly ProxyRound[], field: keyof ProxyRound): string =>
    median(those.map((each) => each[field])).toFixed(0);
  const kept = median(bare.map((each, round) => ours[round]!.requestsPerSecond / each.requestsPerSecond));
  const keptTime = median(bare.map((each, round) => each.cpuMicroseconds / ours[round]!.cpuMicroseconds));
  return [
    kind,
    of(bare, 'requestsPerSecond'),
    of(ours, 'requestsPerSecond'),
    kept.toFixed(3),
    goals[kind].toFixed(2),
    of(bare, 'cpuMicroseconds'),
    of(ours, 'cpuMicroseconds'),
    keptTime.toFixed(3),
  ];
}

/** The resident memory after a tenth of the requests, in the middle, and at the end, in MB. */
async function measureMemory(kind: ProxyKind): Promise<string[]> {
  const contender = await ProxyContender.start('ours', kind);
  await contender.openLoad();
  const memory: string[] = [];
  let done = 0;
  for (const share of [0.1, 0.5, 1]) {
    while (done < share * requests)
      done += ((await contender.run(roundLength)).requestsPerSecond * roundLength) / 1_000;
    memory.push(((await contender.use()).memory / 1_000_000).toFixed(0));
  }
  await contender.stop();
  return [kind, done.toFixed(0), ...memory];
}

console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, medians of ${rounds} rounds of ${roundLength} ms\n`,
);
const rows = [['requests/s', 'httpxy', 'image-signer', 'kept', 'goal', 'CPU µs', 'ours', 'kept']];
for (const kind of Object.keys(goals) as ProxyKind[]) rows.push(await measureRequests(kind));
console.log(table(rows));
if (requests > 0) {
  const memory = [['MB resident', 'requests', 'after a tenth', 'in the middle', 'at the end']];
  for (const kind of ['page', 'file'] as const) memory.push(await measureMemory(kind));
  console.log(`\n${table(memory)}`);
}
