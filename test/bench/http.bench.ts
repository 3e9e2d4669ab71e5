/**
 * `npm run bench:http`: what a server still serves with the middleware mounted, beside the same server without it. Each
 * is a process of its own, in turn, round by round; ratios of one run, nothing is asserted but that answers are right.
 * `ROUNDS` sets how many, `KIND` names the only kind to run.
 */
import { cpus } from 'node:os';
import { countTokens, withoutTokens } from '../support/samples.ts';
import { median, quantile } from '../support/statistics.ts';
import { Contender, type Round } from './http-contender.ts';
import { inTurn, timesToFirstByte } from './http-first-byte.ts';
import { type BenchServer, type Kind, servers } from './http-servers.ts';
import { table } from './rounds.ts';

const rounds = Math.max(11, Number(process.env['ROUNDS'] ?? 11));
const roundLength = 500;
const warmUp = 700;
/** The difference that a first byte may come later by, in milliseconds. */
const firstByteGoal = 1;
const contenderNames = ['vanilla', 'image-signer'] as const;

const only = process.env['KIND'] ?? '';
const all = servers.flatMap((server) =>
  (Object.keys(server.kinds) as Kind[]).map((kind) => ({ server, kind })),
);
const chosen = all.filter(({ kind }) => only === '' || kind === only);
if (chosen.length === 0) {
  console.error(`KIND=${only}: there are ${[...new Set(all.map(({ kind }) => kind))].join(', ')}`);
  process.exit(1);
}

async function startBoth(server: BenchServer, kind: Kind): Promise<[Contender, Contender]> {
  const [vanilla, ours] = await Promise.all(
    contenderNames.map((name) => Contender.start(server, kind, name)),
  );
  const [{ response: plain }, { response: signed }] = [await vanilla!.ask(), await ours!.ask()];
  const isPage = kind !== 'json' && kind !== 'image';
  const isSame = isPage ? withoutTokens(signed.text) === plain.text : signed.body.equals(plain.body);
  if (plain.status !== 200 || signed.status !== 200 || !isSame || countTokens(signed.text) > 0 !== isPage)
    throw new Error(`${server.name}, ${kind}: the answers are not those that are to be measured`);
  return [vanilla!, ours!];
}

async function measureRequests(server: BenchServer, kind: Kind): Promise<string[]> {
  const both = await startBoth(server, kind);
  for (const contender of both) {
    await contender.openLoad();
    await contender.run(warmUp);
  }
  const samples: [Round[], Round[]] = [[], []];
  for (let round = 0; round < rounds; round++)
    for (const which of inTurn(2, round)) samples[which]!.push(await both[which]!.run(roundLength));
  for (const contender of both) await contender.stop();

  const [vanilla, ours] = samples;
  const medianOf = (those: readonly Round[], name: keyof Round): number =>
    median(those.map((each) => each[name]));
  const kept = (name: keyof Round): readonly number[] =>
    vanilla.map((each, round) => ours[round]![name] / each[name]);
  return [
    `${server.name}, ${kind}`,
    ...samples.map((those) => medianOf(those, 'requestsPerSecond').toFixed(0)),
    median(kept('requestsPerSecond')).toFixed(3),
    server.kinds[kind]?.toString() ?? '',
    ...samples.map((those) => medianOf(those, 'cpuMicroseconds').toFixed(0)),
    (1 / median(kept('cpuMicroseconds'))).toFixed(3),
    ...samples.map((those) => `${(100 * medianOf(those, 'clientBusy')).toFixed(0)} %`),
  ];
}

async function measureFirstByte(server: BenchServer): Promise<string[][]> {
  const both = await startBoth(server, 'stream');
  const [vanilla, ours] = (await timesToFirstByte(both)) as [number[], number[]];
  for (const contender of both) await contender.stop();
  return [
    ['median', 0.5],
    ['p95', 0.95],
  ].map(([name, share]) => {
    const times = [vanilla, ours].map((those) => quantile(those, share as number)) as [number, number];
    const later = times[1] - times[0];
    return [`${server.name}, ${name}`, ...times.map((time) => time.toFixed(2)), later.toFixed(2)];
  });
}

console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, medians of ${rounds} rounds of ${roundLength} ms\n`,
);
const requests: string[][] = [];
for (const { server, kind } of chosen)
  if (kind !== 'stream') requests.push(await measureRequests(server, kind));
if (requests.length > 0) {
  console.log(
    table([
      ['requests/s', ...contenderNames, 'kept', 'goal', 'CPU µs', 'ours', 'kept', 'client busy', 'ours'],
      ...requests,
    ]),
  );
  console.log(
    '\nThe client has a core of its own: where it is busy all the time, it is the client that is measured.',
  );
}
const firstBytes: string[][] = [];
for (const { server, kind } of chosen)
  if (kind === 'stream') firstBytes.push(...(await measureFirstByte(server)));
if (firstBytes.length > 0) {
  console.log(
    `\n${table([['ms to the first byte of a streamed page', ...contenderNames, 'later by'], ...firstBytes])}`,
  );
  console.log(`goal: later by ${firstByteGoal} ms at most`);
}
