/**
 * What a server still serves with the package installed, beside the same server without it. Each is a process of its own,
 * in turn, round by round; ratios of one run, nothing is asserted but that answers are right. `ONLY` selects rows by words
 * of their names: `ONLY="koa json, hono"`.
 */
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { type Answer, KeepAliveConnection } from '../support/http/keep-alive.ts';
import { countTokens, withoutTokens } from '../support/samples.ts';
import { median, quantile } from '../support/statistics.ts';
import { giveFigure } from './give-figure.ts';
import { type Kind, servers, type Way } from './http-servers.ts';
import { openLoad } from './load.ts';
import { ask, compile, start, stop } from './process.ts';
import { inTurn, print, rounds } from './rounds.ts';

const roundLength = 500;
/** V8 compiles for some seconds: before, a process that serves for days would be measured by its first hundreds of pages. */
const warmUp = rounds > 1 ? 2_000 : 100;
const program = compile('http-process.ts');
const statuses: Readonly<Partial<Record<Kind, number>>> = { redirect: 302, 'no-content': 204 };
const withImages: readonly Kind[] = ['page', 'visit', 'texts', 'stream'];

interface Row {
  readonly server: string;
  readonly kind: Kind;
}

interface Contender extends Awaited<ReturnType<typeof start<{ port: number; path: string }>>> {
  readonly text: string;
  readonly answer: Answer;
}

async function begin({ server, kind }: Row, way: Way): Promise<Contender> {
  const started = await start<{ port: number; path: string }>(program, [server, kind, way]);
  const { port, path } = started.message;
  const text = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: image/jpeg,*/*;q=0.8\r\nAccept-Language: en\r\n\r\n`;
  const connection = await KeepAliveConnection.open(port);
  await connection.send({ text }); // what is kept is there from now on
  const answer = (await connection.send({ text }))!; // nothing cuts it
  connection.close();
  return { ...started, text, answer };
}

async function beginAll(row: Row, ways: readonly Way[]): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const way of ways) contenders.push(await begin(row, way));
  const [plain, ...others] = contenders.map(({ answer }) => answer.response);
  for (const [index, { status, text, body }] of others.entries()) {
    const isSigned = ways[index + 1] === 'image-signer' && withImages.includes(row.kind);
    const isSame = isSigned ? withoutTokens(text) === plain!.text : body.equals(plain!.body);
    const expected = statuses[row.kind] ?? 200;
    if (plain!.status !== expected || status !== expected || !isSame || countTokens(text) > 0 !== isSigned)
      throw new Error(`${row.server}, ${row.kind}: the answers are not those that are to be measured`);
  }
  return contenders;
}

interface Round {
  readonly requestsPerSecond: number;
  /** Of the server's process, for one request. */
  readonly microseconds: number;
  /** The share of the time that this process, which makes the load, was busy itself. */
  readonly clientBusy: number;
}

async function measureRequests(row: Row): Promise<string[]> {
  const isCompared = servers[row.server]!.comparedWithEmpty?.includes(row.kind) === true;
  const contenders = await beginAll(row, [
    'vanilla',
    'image-signer',
    ...(isCompared ? (['empty'] as const) : []),
  ]);
  const loads = [];
  for (const { message, text, answer } of contenders) {
    const load = await openLoad(message.port, text, answer);
    await load(warmUp);
    loads.push(load);
  }
  const samples: Round[][] = contenders.map(() => []);
  for (let round = 0; round < rounds; round++)
    for (const which of inTurn(contenders.length, round)) {
      const { child } = contenders[which]!;
      const before = await ask<number>(child, 'cpu');
      const idle = performance.eventLoopUtilization();
      const begun = performance.now();
      const requestsPerSecond = await loads[which]!(roundLength);
      const requests = (requestsPerSecond * (performance.now() - begun)) / 1_000;
      const clientBusy = 100 * performance.eventLoopUtilization(idle).utilization;
      const microseconds = ((await ask<number>(child, 'cpu')) - before) / requests;
      samples[which]!.push({ requestsPerSecond, microseconds, clientBusy });
    }
  for (const { child } of contenders) await stop(child);

  const [vanilla, ours, empty] = samples as [Round[], Round[], Round[]?];
  const medians = (field: keyof Round): string[] =>
    [vanilla, ours].map((those) => median(those.map((each) => each[field])).toFixed(0));
  /** What plain takes of the other's processor time: each round is compared with the one beside it. */
  const shareOf = (those: readonly Round[], figure: readonly string[]): string => {
    const share = median(vanilla.map(({ microseconds }, round) => microseconds / those[round]!.microseconds));
    giveFigure(['http', row.server, row.kind, ...figure], share, 2, 'of the processor time');
    return share.toFixed(3);
  };
  return [
    `${row.server}, ${row.kind}`,
    ...medians('requestsPerSecond'),
    ...medians('microseconds'),
    shareOf(ours, []),
    empty === undefined ? '' : shareOf(empty, ['empty']),
    ...medians('clientBusy'),
  ];
}

/** Milliseconds from the request to the first bytes of the body of a streamed page, with and without, in turn. */
async function measureFirstByte(row: Row): Promise<string[][]> {
  const contenders = await beginAll(row, ['vanilla', 'image-signer']);
  const times: [number[], number[]] = [[], []];
  const agent = new Agent({ keepAlive: true });
  for (let index = -50; index < 30 * rounds; index++)
    for (const which of inTurn(2, index)) {
      const begun = performance.now();
      const asked = request({ agent, port: contenders[which]!.message.port }).end();
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const ended = once(response, 'end');
      await once(response, 'data');
      if (index >= 0) times[which]!.push(performance.now() - begun);
      await ended;
    }
  agent.destroy();
  for (const { child } of contenders) await stop(child);
  return Object.entries({ median: 0.5, p95: 0.95 }).map(([name, share]) => {
    const [vanilla, ours] = times.map((those) => quantile(those, share)) as [number, number];
    giveFigure(['http', row.server, 'first byte', name], ours - vanilla, 2, 'ms');
    return [name, ...[vanilla, ours, ours - vanilla].map((time) => time.toFixed(2))];
  });
}

const all = Object.entries(servers).flatMap(([server, { kinds }]) => kinds.map((kind) => ({ server, kind })));
const wordsOf = (text: string): string[] => text.toLowerCase().match(/[^\s,]+/g) ?? [];
const only = (process.env['ONLY'] ?? '').split(',').map(wordsOf);
const chosen = all.filter(({ server, kind }) =>
  only.some((words) => words.every((word) => wordsOf(`${server} ${kind}`).includes(word))),
);

const head = ['requests/s', 'vanilla', 'image-signer', 'CPU µs', 'ours', 'kept', 'empty keeps'];
const rows = [[...head, 'client busy, %', 'ours']];
for (const row of chosen) if (row.kind !== 'stream') rows.push(await measureRequests(row));
print('The client has a core of its own: where it is busy all the time, it is what is measured', rows);
for (const row of chosen)
  if (row.kind === 'stream')
    print('A streamed page', [
      ['ms to the first byte', 'vanilla', 'image-signer', 'later by'],
      ...(await measureFirstByte(row)),
    ]);
process.exit(); // the connections of the load are open
