/** A proxy of the benchmark from outside, before a site of its own: each is a process. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { type Answer, KeepAliveConnection } from '../support/keep-alive.ts';
import { compile } from './compiled.ts';
import { type Load, openLoad } from './http-load.ts';

/** What the site answers: a page of 100 KB with 60 images, a small object, a file of 20 KB, and 204. */
export type ProxyKind = 'page' | 'json' | 'file' | 'empty';

const connections = 24;
const program = compile('proxy-process.ts');

export interface ProxyRound {
  readonly requestsPerSecond: number;
  /** Of the proxy's process, for one request. */
  readonly cpuMicroseconds: number;
}

interface Use {
  readonly microseconds: number;
  /** In bytes, resident. */
  readonly memory: number;
}

async function start(
  role: string,
  given: string,
): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = fork(program, [role, given], {
    env: { ...process.env, NODE_ENV: 'production' },
    execArgv: [], // without the TypeScript loader
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

export class ProxyContender {
  readonly #children: readonly ChildProcess[];
  readonly #port: number;
  readonly #request: string;
  #load: Load | undefined;

  private constructor(children: readonly ChildProcess[], port: number, kind: ProxyKind) {
    this.#children = children;
    this.#port = port;
    this.#request = [
      'GET / HTTP/1.1',
      'Host: 127.0.0.1',
      'User-Agent: Mozilla/5.0 (X11; Linux x86_64)',
      `Accept: ${kind === 'page' ? 'text/html,*/*;q=0.8' : '*/*'}`,
      'Accept-Language: en',
      'Cookie: session=0123456789abcdef',
      '\r\n',
    ].join('\r\n');
  }

  static async start(role: 'bare' | 'ours', kind: ProxyKind): Promise<ProxyContender> {
    const site = await start('site', kind);
    const proxy = await start(role, `http://127.0.0.1:${site.port}`);
    return new ProxyContender([proxy.child, site.child], proxy.port, kind);
  }

  async ask(): Promise<Answer> {
    const connection = await KeepAliveConnection.open(this.#port);
    const answer = await connection.send({ text: this.#request });
    connection.close();
    return answer!; // nothing cuts it
  }

  async openLoad(): Promise<void> {
    const { raw, response } = await this.ask();
    const size = response.header('transfer-encoding') === undefined ? raw.length : undefined;
    this.#load = await openLoad(this.#port, this.#request, size, connections);
  }

  async run(milliseconds: number): Promise<ProxyRound> {
    const { microseconds } = await this.use();
    const start = performance.now();
    const requestsPerSecond = await this.#load!.run(milliseconds);
    const requests = (requestsPerSecond * (performance.now() - start)) / 1_000;
    return {
      requestsPerSecond,
      cpuMicroseconds: ((await this.use()).microseconds - microseconds) / requests,
    };
  }

  async use(): Promise<Use> {
    const [proxy] = this.#children;
    proxy!.send('use');
    const [use] = (await once(proxy!, 'message')) as [Use];
    return use;
  }

  async stop(): Promise<void> {
    this.#load?.close();
    for (const child of this.#children) {
      child.disconnect();
      await once(child, 'exit');
    }
  }
}
