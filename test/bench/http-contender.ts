/** One server of the HTTP benchmark from outside: started, its answer looked at, and loaded round by round. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Answer, KeepAliveConnection } from '../support/keep-alive.ts';
import { compile } from './compiled.ts';
import { imageName, type Kind } from './http-answers.ts';
import { type Load, openLoad } from './http-load.ts';
import type { BenchServer, Way } from './http-servers.ts';

const connections = 24;
const program = compile('http-process.ts');

export interface Round {
  readonly requestsPerSecond: number;
  /** Of the server's process, for one request. */
  readonly cpuMicroseconds: number;
  /** The share of the time that this process, which makes the load, was busy itself. */
  readonly clientBusy: number;
}

export class Contender {
  readonly #child: ChildProcess;
  readonly port: number;
  readonly request: string;
  #load: Load | undefined;

  private constructor(child: ChildProcess, port: number, kind: Kind) {
    this.#child = child;
    this.port = port;
    this.request = requestOf(kind);
  }

  static async start(server: BenchServer, kind: Kind, way: Way): Promise<Contender> {
    const child = fork(program, [server.name, kind, way], {
      env: { ...process.env, NODE_ENV: 'production' },
      execArgv: [], // without the TypeScript loader
    });
    const [{ port }] = (await once(child, 'message')) as [{ port: number }];
    return new Contender(child, port, kind);
  }

  /** One request on a connection of its own. */
  async ask(): Promise<Answer> {
    const connection = await KeepAliveConnection.open(this.port);
    const answer = await connection.send({ text: this.request });
    connection.close();
    return answer!; // nothing cuts it
  }

  async openLoad(): Promise<void> {
    const { raw } = await this.ask();
    this.#load = await openLoad(this.port, this.request, raw.length, connections);
  }

  async run(milliseconds: number): Promise<Round> {
    const before = await this.#cpu();
    const idle = performance.eventLoopUtilization();
    const start = performance.now();
    const requestsPerSecond = await this.#load!.run(milliseconds);
    const requests = (requestsPerSecond * (performance.now() - start)) / 1_000;
    const clientBusy = performance.eventLoopUtilization(idle).utilization;
    return {
      requestsPerSecond,
      cpuMicroseconds: ((await this.#cpu()) - before) / requests,
      clientBusy,
    };
  }

  async stop(): Promise<void> {
    this.#load?.close();
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }

  async #cpu(): Promise<number> {
    this.#child.send('cpu');
    const [{ microseconds }] = (await once(this.#child, 'message')) as [{ microseconds: number }];
    return microseconds;
  }
}

/** As a browser asks, in short. */
function requestOf(kind: Kind): string {
  const accepts: Readonly<Partial<Record<Kind, string>>> = {
    json: 'application/json',
    image: 'image/avif,image/webp,*/*;q=0.8',
  };
  return [
    `GET /${kind === 'image' ? imageName : ''} HTTP/1.1`,
    'Host: 127.0.0.1',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
    `Accept: ${accepts[kind] ?? 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'}`,
    'Accept-Language: en',
    '\r\n',
  ].join('\r\n');
}
