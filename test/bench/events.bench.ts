/**
 * `npm run bench:events`: what an event stream costs its server, with the middleware and with one that does nothing. Each
 * event has an image, and there are 1,000 a second. It is processor time, since both servers mostly wait.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { cpus } from 'node:os';
import { compile } from './compiled.ts';
import { eventCount, type Ready, type Spent } from './events-messages.ts';
import { table } from './rounds.ts';

const rounds = Number(process.env['ROUNDS'] ?? 5);
/** How many times what the empty middleware costs. */
const goal = 2;

interface Server {
  readonly name: string;
  readonly process: ChildProcess;
  readonly port: number;
  /** Microseconds for each event, round by round. */
  readonly costs: number[];
}

async function start(name: string): Promise<Server> {
  const child = fork(compile('events-server.ts'), [name], {
    execArgv: [],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  const [{ port }] = (await once(child, 'message')) as [Ready];
  return { name, process: child, port, costs: [] };
}

async function run({ name, process: child, port, costs }: Server, isMeasured: boolean): Promise<void> {
  const spent = once(child, 'message') as Promise<[Spent]>;
  const [response] = (await once(get({ port, agent: false }), 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  const signed = text.match(/sig=[0-9a-f]{64}"\}\n\n/g)?.length ?? 0;
  if (text.split('\n\n').length !== eventCount + 1 || signed !== (name === 'image-signer' ? eventCount : 0))
    throw new Error(`${name}: ${signed} signed events in ${text.length} characters`);
  const [{ microseconds }] = await spent;
  if (isMeasured) costs.push(microseconds / eventCount);
}

const servers = [await start('empty'), await start('image-signer')];
for (let round = -1; round < rounds; round++) for (const server of servers) await run(server, round >= 0);
for (const server of servers) server.process.disconnect();

const median = (costs: readonly number[]): number => [...costs].sort((a, b) => a - b)[costs.length >> 1]!;
const [empty = NaN, ours = NaN] = servers.map(({ costs }) => median(costs));
console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${rounds} rounds of ${eventCount} events\n`,
);
console.log(
  table([
    ['middleware', 'µs an event'],
    ['empty', empty.toFixed(1)],
    ['image-signer', ours.toFixed(1)],
  ]),
);
console.log(`\n${(ours / empty).toFixed(2)} times the empty middleware (goal: ${goal} at most)`);
