/**
 * `npm run bench:http`: what a server still serves with the middleware mounted, beside the same server without it. Each
 * is a process of its own, in turn, round by round; ratios of one run, nothing is asserted but that answers are right.
 * `ROUNDS` sets how many, `ONLY` selects rows by words of their names: `ONLY="koa json"`.
 */
import { cpus } from 'node:os';
import { countTokens, withoutTokens } from '../support/samples.ts';
import { median, quantile } from '../support/statistics.ts';
import { giveFigure } from './give-figure.ts';
import type { Kind } from './http-answers.ts';
import { Contender, type Round } from './http-contender.ts';
import { inTurn, timesToFirstByte } from './http-first-byte.ts';
import { type BenchServer, servers, type Way } from './http-servers.ts';
import { table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 11);
const roundLength = 500;
const warmUp = 700;
/** The difference that a first byte may come later by, in milliseconds. */
const firstByteGoal = 1;

interface Row {
  readonly name: string;
  readonly server: BenchServer;
  readonly kind: Kind;
}

const all: readonly Row[] = servers.flatMap((server) =>
  (Object.keys(server.kinds) as Kind[]).map((kind) => ({ name: `${server.name}, ${kind}`, server, kind })),
);
const only = (process.env['ONLY'] ?? '').toLowerCase().split(' ');
const chosen = all.filter(({ name }) => only.every((word) => name.toLowerCase().includes(word)));
if (chosen.length === 0) {
  console.error(`no row is named so; there are: ${all.map(({ name }) => name).join('; ')}`);
  process.exit(1);
}

async function start({ name, server, kind }: Row, ways: readonly Way[]): Promise<Contender[]> {
  const contenders = await Promise.all(ways.map((way) => Contender.start(server, kind, way)));
  const [plain, ...others] = await Promise.all(contenders.map(async (each) => (await each.ask()).response));
  for (const [index, { status, text, body }] of others.entries()) {
    const isSigned = ways[index + 1] === 'image-signer' && kind !== 'json' && kind !== 'image';
    const isSame = isSigned ? withoutTokens(text) === plain!.text : body.equals(plain!.body);
    if (plain!.status !== 200 || status !== 200 || !isSame || countTokens(text) > 0 !== isSigned)
      throw new Error(`${name}: the answers are not those that are to be measured`);
  }
  return contenders;
}

async function measureRequests(row: Row): Promise<string[]> {
  const { name, server, kind } = row;
  const hasEmpty = server.comparedWithEmpty?.includes(kind) === true;
  const contenders = await start(row, ['vanilla', 'image-signer', ...(hasEmpty ? (['empty'] as const) : [])]);
  for (const contender of contenders) {
    await contender.openLoad();
    await contender.run(warmUp);
  }
  const samples: Round[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const which of inTurn(contenders.length, round))
      samples[which]!.push(await contenders[which]!.run(roundLength));
  for (const contender of contenders) await contender.stop();

  const medianOf = (those: readonly Round[], field: keyof Round): number =>
    median(those.map((each) => each[field]));
  /** The share of what is kept, in which a round is compared with the one beside it. */
  const kept = (those: readonly Round[] | undefined, field: keyof Round): number =>
    median(samples[0]!.map((each, round) => those![round]![field] / each[field]));
  const [vanilla, ours, empty] = samples;
  const both = [vanilla!, ours!];
  const unit = 'of the processor time';
  giveFigure(['http', server.name, kind], 1 / kept(ours, 'cpuMicroseconds'), 2, unit);
  if (empty !== undefined)
    giveFigure(['http', server.name, kind, 'empty'], 1 / kept(empty, 'cpuMicroseconds'), 2, unit);
  return [
    name,
    ...both.map((those) => medianOf(those, 'requestsPerSecond').toFixed(0)),
    kept(ours, 'requestsPerSecond').toFixed(3),
    server.kinds[kind]?.toString() ?? '',
    empty === undefined ? '' : kept(empty, 'requestsPerSecond').toFixed(3),
    ...both.map((those) => medianOf(those, 'cpuMicroseconds').toFixed(0)),
    (1 / kept(ours, 'cpuMicroseconds')).toFixed(3),
    empty === undefined ? '' : (1 / kept(empty, 'cpuMicroseconds')).toFixed(3),
    ...both.map((those) => `${(100 * medianOf(those, 'clientBusy')).toFixed(0)} %`),
  ];
}

async function measureFirstByte(row: Row): Promise<string[][]> {
  const both = await start(row, ['vanilla', 'image-signer']);
  const [vanilla, ours] = (await timesToFirstByte(both)) as [number[], number[]];
  for (const contender of both) await contender.stop();
  return [
    ['median', 0.5],
    ['p95', 0.95],
  ].map(([name, share]) => {
    const times = [vanilla, ours].map((those) => quantile(those, share as number)) as [number, number];
    const later = times[1] - times[0];
    giveFigure(['http', row.server.name, 'first byte', name as string], later, 2, 'ms');
    return [`${row.server.name}, ${name}`, ...times.map((time) => time.toFixed(2)), later.toFixed(2)];
  });
}

console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, medians of ${rounds} rounds of ${roundLength} ms\n`,
);
const head = ['requests/s', 'vanilla', 'image-signer', 'kept', 'goal', 'empty keeps'];
const requests: string[][] = [];
for (const row of chosen) if (row.kind !== 'stream') requests.push(await measureRequests(row));
if (requests.length > 0) {
  console.log(
    table([[...head, 'CPU µs', 'ours', 'kept', 'empty keeps', 'client busy', 'ours'], ...requests]),
  );
  console.log(
    '\nThe client has a core of its own: where it is busy all the time, it is the client that is measured.',
  );
}
const firstBytes: string[][] = [];
for (const row of chosen) if (row.kind === 'stream') firstBytes.push(...(await measureFirstByte(row)));
if (firstBytes.length > 0) {
  console.log(
    `\n${table([['ms to the first byte of a streamed page', 'vanilla', 'image-signer', 'later by'], ...firstBytes])}`,
  );
  console.log(`goal: later by ${firstByteGoal} ms at most`);
}
