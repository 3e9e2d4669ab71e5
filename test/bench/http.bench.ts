/**
 * `npm run bench:http`: what a server still serves with the middleware mounted, beside the same server without it. Each
 * is a process of its own, in turn, round by round; ratios of one run, nothing is asserted but that answers are right.
 * `ROUNDS` sets how many, `ONLY` selects rows by words of their names: `ONLY="koa json, hono"`.
 */
import { cpus } from 'node:os';
import { countTokens, withoutTokens } from '../support/samples.ts';
import { median, quantile } from '../support/statistics.ts';
import { giveFigure } from './give-figure.ts';
import { hasImages, type Kind, statuses } from './http-answers.ts';
import { Contender, type Round } from './http-contender.ts';
import { inTurn, timesToFirstByte } from './http-first-byte.ts';
import { type BenchServer, servers, type Way } from './http-servers.ts';
import { table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 11);
const roundLength = 500;
/** V8 compiles for some seconds: before, a process that serves for days would be measured by its first hundreds of pages. */
const warmUp = 2_000;
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
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[^\s,]+/g) ?? [];
const only = (process.env['ONLY'] ?? '').split(',').map(wordsOf);
const chosen = all.filter(({ name }) =>
  only.some((words) => words.every((word) => wordsOf(name).includes(word))),
);
if (chosen.length === 0) {
  console.error(`no row is named so; there are: ${all.map(({ name }) => name).join('; ')}`);
  process.exit(1);
}

async function start({ name, server, kind }: Row, ways: readonly Way[]): Promise<Contender[]> {
  const contenders = await Promise.all(ways.map((way) => Contender.start(server, kind, way)));
  const [plain, ...others] = await Promise.all(contenders.map(async (each) => (await each.ask()).response));
  for (const [index, { status, text, body }] of others.entries()) {
    const isSigned = ways[index + 1] === 'image-signer' && hasImages(kind);
    const isSame = isSigned ? withoutTokens(text) === plain!.text : body.equals(plain!.body);
    const expected = statuses[kind] ?? 200;
    if (plain!.status !== expected || status !== expected || !isSame || countTokens(text) > 0 !== isSigned)
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
  /** What the first take of the second's processor time: each round is compared with the one beside it. */
  const shareOf = (those: readonly Round[], others: readonly Round[]): number =>
    median(those.map(({ cpuMicroseconds }, round) => cpuMicroseconds / others[round]!.cpuMicroseconds));
  const [vanilla, ours, empty] = samples as [Round[], Round[], Round[]?];
  const both = [vanilla, ours];
  const shares: readonly (readonly [string | undefined, number | undefined])[] = [
    [undefined, shareOf(vanilla, ours)],
    ['empty', empty && shareOf(vanilla, empty)],
    ['beside empty', empty && shareOf(empty, ours)],
  ];
  for (const [which, share] of shares)
    if (share !== undefined)
      giveFigure(['http', server.name, kind, ...(which ? [which] : [])], share, 2, 'of the processor time');
  return [
    name,
    ...both.map((those) => medianOf(those, 'requestsPerSecond').toFixed(0)),
    ...both.map((those) => medianOf(those, 'cpuMicroseconds').toFixed(0)),
    ...shares.map(([, share]) => share?.toFixed(3) ?? ''),
    server.kinds[kind]?.toString() ?? '',
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
const head = ['requests/s', 'vanilla', 'image-signer', 'CPU µs', 'ours', 'kept'];
const requests: string[][] = [];
for (const row of chosen) if (row.kind !== 'stream') requests.push(await measureRequests(row));
if (requests.length > 0) {
  console.log(table([[...head, 'empty keeps', 'beside empty', 'goal', 'client busy', 'ours'], ...requests]));
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
