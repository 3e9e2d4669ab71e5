/**
 * `npm run bench:streams`: ten thousand pages that are all streamed at once, with and without the middleware, and what
 * memory that takes in mid-page. Every byte that comes is checked, and an error fails the run; `STREAMS` sets how many.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { compile } from './compiled.ts';
import { giveFigure } from './give-figure.ts';
import { table } from './rounds.ts';
import {
  type ClientMessage,
  type ClientResult,
  isStoppedInTag,
  type Memory,
  page,
  type ServerRequest,
} from './streams-messages.ts';

const count = Number(process.env['STREAMS'] ?? 10_000);
/** KiB for a stream, above the server without the middleware. */
const goal = 8;
/**
 * How malloc of glibc gives memory back, the same for both servers. By itself it changes its thresholds by the sizes that
 * it is asked for, and keeps what was freed: then the figure is that of its free lists.
 */
const malloc = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '131072', MALLOC_MMAP_THRESHOLD_: '131072' };
/** What a process has open besides its connections. */
const otherFiles = 100;
/** So long, in milliseconds, a whole run may take. */
const limit = 240_000;

const children = new Set<ChildProcess>();

function start(name: string, args: readonly string[], flags: string[] = []): ChildProcess {
  const program = compile(name);
  const child = fork(program, args, {
    execArgv: flags, // without the TypeScript loader
    env: { ...process.env, NODE_ENV: 'production', ...malloc },
  });
  children.add(child);
  child.once('exit', (code, signal) => {
    if (children.has(child)) give(`${name} has ended with ${code ?? signal}`);
  });
  return child;
}

async function stop(child: ChildProcess): Promise<void> {
  children.delete(child);
  child.disconnect();
  await once(child, 'exit');
}

function give(up: string): never {
  console.error(up);
  for (const child of children) child.kill('SIGKILL');
  process.exit(1);
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  return ((await once(child, 'message')) as [T])[0];
}

function ask<T>(child: ChildProcess, request: ServerRequest): Promise<T> {
  child.send(request);
  return answerOf<T>(child);
}

interface Outcome {
  readonly idle: Memory;
  readonly open: Memory;
  readonly result: ClientResult;
}

async function run(name: string): Promise<Outcome> {
  const server = start('streams-server.ts', [name], ['--expose-gc']);
  const port = await answerOf<number>(server);
  const idle = await ask<Memory>(server, 'measure');
  const isSigned = name === 'image-signer' ? 'signed' : 'plain';
  const client = start('streams-client.ts', [String(port), String(count), isSigned]);
  await answerOf<ClientMessage>(client); // all have begun
  await ask(server, 'write');
  const open = await ask<Memory>(server, 'measure');
  const ended = answerOf<ClientMessage>(client);
  await ask(server, 'write');
  await ask(server, 'write');
  const message = await ended;
  await Promise.all([stop(client), stop(server)]);
  if (!('result' in message)) throw new Error('the client has told the wrong thing');
  return { idle, open, result: message.result };
}

/** Node.js has raised it as far as it may. */
const { userLimits } = process.report.getReport() as unknown as {
  userLimits?: { open_files?: { soft: number | 'unlimited' } };
};
const files = userLimits?.open_files?.soft ?? 'unlimited';
if (files !== 'unlimited' && files < count + otherFiles) {
  console.error(
    `${count} streams take ${count + otherFiles} open files in a process, and ${files} are allowed: raise it (ulimit -n), or run fewer (STREAMS=${Math.max(1, files - otherFiles)})`,
  );
  process.exit(1);
}

setTimeout(() => give(`not done within ${limit / 1_000} s`), limit).unref();
console.log(
  `Node.js ${process.version}, ${cpus().length} x ${cpus()[0]?.model.trim()}, ${count} pages of ${page.length} bytes, all open in mid-page, ${Array.from({ length: count }, (_, index) => isStoppedInTag(index)).filter(Boolean).length} of them in mid-tag\n`,
);
const outcomes = { vanilla: await run('vanilla'), 'image-signer': await run('image-signer') };

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
const perStream = ({ open, idle }: Outcome, name: 'rss' | 'heap' | 'external'): number =>
  (open[name] - idle[name]) / 1_024 / count;
console.log(
  table([
    [
      '',
      'RSS idle, MiB',
      'all open',
      'KiB a stream',
      'of it heap',
      'outside',
      'MB',
      'tokens',
      'verified',
      'errors',
    ],
    ...Object.entries(outcomes).map(([name, outcome]) => [
      name,
      mebibytes(outcome.idle.rss),
      mebibytes(outcome.open.rss),
      ...(['rss', 'heap', 'external'] as const).map((each) => perStream(outcome, each).toFixed(1)),
      (outcome.result.bytes / 1e6).toFixed(0),
      ...(['tokens', 'verified', 'errorCount'] as const).map((each) => String(outcome.result[each])),
    ]),
  ]),
);
const { vanilla, 'image-signer': ours } = outcomes;
const above = (ours.open.rss - vanilla.open.rss) / 1_024 / count;
console.log(`\nabove vanilla: ${above.toFixed(1)} KiB a stream (goal: ${goal} at most)`);
giveFigure(['streams', 'each'], above, 0, 'KiB');

for (const [name, { open, result }] of Object.entries(outcomes)) {
  if (open.streams !== count) console.log(`${name}: ${open.streams} streams were open, not ${count}`);
  if (result.errorCount > 0) console.log(`${name}:\n  ${result.errors.join('\n  ')}`);
  if (open.streams !== count || result.errorCount > 0) process.exitCode = 1;
}
