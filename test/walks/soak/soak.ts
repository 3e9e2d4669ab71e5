/** A soak: the server in its process, visitors from this one, and now and then a look at what the server holds on to. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { createSigner } from '../../bench/built.ts';
import type { RawResponse } from '../../support/http/raw.ts';
import { countTokens, withoutTokens } from '../../support/samples.ts';
import { variants } from '../../support/servers/shop.ts';
import { median } from '../../support/statistics.ts';
import { key, type Route, ttl } from './pages.ts';
import type { Held, ServerMessage } from './soak-server.ts';
import { type Check, createVisitors, type Visitors } from './visitors.ts';

/** A sample, and how many requests there had been by then. */
export interface Sample extends Held {
  readonly requests: number;
}

const mebibyte = 2 ** 20;

/**
 * After a full collection the heap comes back to within some hundred kilobytes, what is remembered of the steps in force
 * included: a leak of 250 bytes a request shows in the short form, with some 8,000 of them from median to median.
 */
export const heapBound: number = 2 * mebibyte;
/** Freed pages go back late, and V8's young generation comes and goes by semi-spaces of 16 MiB, whatever the app does. */
export const rssBound: number = 16 * mebibyte;
/**
 * In the first minute the memory outside V8's heap still grows with the load: zlib's, and the arenas that malloc keeps for
 * each thread (58 MiB once on Node.js 24, with a flat heap). So here it only has to stay bounded; the long soak is strict.
 */
const shortRssBound: number = 128 * mebibyte;
/** An idle connection has one listener more or less, as its last response has ended. */
export const listenerBound = 2;
/** On one response, of all events: each is new, so this may not grow with its chunks. The site's own pipelines take 23. */
export const responseListenerBound = 40;

/**
 * The first third warms up; the medians of the second and of the last are compared, so that no single sample decides.
 * @returns what grew, in words; nothing where all is flat
 */
export function whatGrew(samples: readonly Sample[], mostRss: number = rssBound): string[] {
  const third = Math.floor(samples.length / 3);
  if (third === 0) return ['nothing is known: three samples are needed at the least'];
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(-third)];
  const grew: string[] = [];
  const middleOf = (those: readonly Sample[], name: 'rss' | 'heap' | 'requests'): number =>
    median(those.map((each) => each[name]));
  const mostOf = (those: readonly Sample[], name: 'handles' | 'socketListeners' | 'responseListeners') =>
    Math.max(...those.map((each) => each[name]));
  const requests = middleOf(last, 'requests') - middleOf(middle, 'requests');
  const compare = (name: string, before: number, after: number, bound: number): void => {
    if (after > before + bound) grew.push(`${name}: from ${before} to ${after} in ${requests} requests`);
  };
  compare('rss', middleOf(middle, 'rss'), middleOf(last, 'rss'), mostRss);
  compare('heap', middleOf(middle, 'heap'), middleOf(last, 'heap'), heapBound);
  compare('handles', mostOf(middle, 'handles'), mostOf(last, 'handles'), 0);
  compare(
    'socketListeners',
    mostOf(middle, 'socketListeners'),
    mostOf(last, 'socketListeners'),
    listenerBound,
  );
  compare('responseListeners', 0, mostOf(samples, 'responseListeners'), responseListenerBound);
  compare('openResponses', 0, Math.max(...samples.map((each) => each.openResponses)), 0);
  return grew;
}

interface SoakOptions {
  readonly seconds: number;
  readonly seed: number;
  /** Of them there are so many. */
  readonly samples: number;
  onSample?(sample: Sample): void;
}

interface SoakOutcome {
  readonly counts: Visitors['counts'];
  /** What went wrong and what grew, in words; the first ones where there are many. */
  readonly problems: readonly string[];
}

const mostProblems = 20;
const program = fileURLToPath(new URL('soak-server.ts', import.meta.url));

export async function soak({ seconds, seed, samples, onSample }: SoakOptions): Promise<SoakOutcome> {
  const problems = new Map<string, number>();
  const onProblem = (problem: string): void => {
    if (problems.has(problem) || problems.size < mostProblems)
      problems.set(problem, (problems.get(problem) ?? 0) + 1);
  };
  const server = startServer(onProblem);
  const { port } = await nextMessage(server, 'port');
  const visitors = createVisitors(port, seed, createCheck(), onProblem);
  const taken: Sample[] = [];
  try {
    for (let index = 0; index < samples; index++) {
      const connections = await visitors.visitFor((seconds * 1_000) / samples);
      server.send(connections);
      const { holdings } = await nextMessage(server, 'holdings');
      taken.push({ ...holdings, requests: visitors.counts.requests });
      onSample?.(taken.at(-1)!);
    }
  } catch (error) {
    onProblem(String(error)); // what was found out until then is not lost
  } finally {
    visitors.close();
    if (server.connected) server.disconnect();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
  const told = Array.from(problems, ([problem, times]) =>
    times > 1 ? `${times} times: ${problem}` : problem,
  );
  return {
    counts: visitors.counts,
    problems: [...told, ...whatGrew(taken, seconds < 60 ? shortRssBound : rssBound)],
  };
}

function startServer(onProblem: (problem: string) => void): ChildProcess {
  const server = fork(program, {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  server.stderr?.setEncoding('utf8').on('data', (text: string) => onProblem(`stderr: ${text}`));
  server.on('message', (message: ServerMessage) => {
    if ('problem' in message) onProblem(message.problem);
  });
  return server;
}

/** Waits for a message of that name; throws where the server ends instead. */
function nextMessage(server: ChildProcess, name: 'port'): Promise<{ readonly port: number }>;
function nextMessage(server: ChildProcess, name: 'holdings'): Promise<{ readonly holdings: Held }>;
function nextMessage(server: ChildProcess, name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const take = (message: ServerMessage): void => {
      if (!(name in message)) return;
      server.off('message', take).off('exit', fail);
      resolve(message);
    };
    const fail = (code: number | null): void => reject(new Error(`the server has ended with ${code}`));
    server.on('message', take).once('exit', fail);
  });
}

/** Every byte is looked at, and every signature. What was right once is right again, to the byte. */
function createCheck(): Check {
  const { verifyImage } = createSigner({ key, ttl, variants });
  const right = new Map<Route, Buffer>();
  return (route, method, response) => {
    const { body: expected, tokens } = route;
    if (response.status !== 200) return `status ${response.status}`;
    if (method === 'HEAD') return response.body.length === 0 ? undefined : 'a body';
    const body = decoded(response);
    if (right.get(route)?.equals(body) === true) return undefined;
    if (tokens === 0) return body.equals(expected) ? undefined : 'another body';
    const text = body.toString();
    if (withoutTokens(text) !== expected.toString()) return 'another page';
    if (countTokens(text) !== tokens) return `${countTokens(text)} tokens, not ${tokens}`;
    const urls = text.match(/https:\/\/imagedelivery\.net\/[^\s"'<>,)]+sig=[0-9a-f]{64}/g) ?? [];
    const wrong = urls.find((url) => !verifyImage(url.replaceAll('&amp;', '&')).ok);
    if (urls.length !== tokens || wrong !== undefined) return `a wrong signature in ${wrong}`;
    right.set(route, body);
    return undefined;
  };
}

function decoded(response: RawResponse): Buffer {
  const coding = response.header('content-encoding');
  if (coding === 'gzip') return gunzipSync(response.body);
  return coding === 'br' ? brotliDecompressSync(response.body) : response.body;
}
