/** `image-signer proxy` as a command: what it says, what it logs, and how it ends. */
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { send } from '../../support/http/raw.ts';
import { moment } from '../../support/moment.ts';
import { type Run, runCommand } from '../../support/package/command-line.ts';
import { temporaryFiles } from '../../support/package/temporary-files.ts';
import { builtFolder } from '../../support/root.ts';
import { accountHash, countTokens, key, url } from '../../support/samples.ts';
import { openSite } from '../../support/servers/checked-page.ts';

const { file } = temporaryFiles();
const config = file(
  'image-signer.config.mjs',
  `export default { ttl: '1d', variants: ['thumb'], accountHash: '${accountHash}' };`,
);
const page: RequestListener = (_, response) => {
  response.setHeader('Content-Type', 'text/html');
  response.end(`<img src="${url()}">`);
};

interface Running {
  readonly port: number;
  readonly signals: EventEmitter;
  readonly run: Promise<Run>;
  closeSite(): Promise<void>;
}

/** Runs it in this process. The port is on its first line, which it writes once it listens. */
async function start(
  args: readonly string[],
  listener: RequestListener = page,
  options: string = config,
): Promise<Running> {
  const { origin, close: closeSite } = await openSite(listener);
  const signals = new EventEmitter();
  const listening = moment<string>();
  const usual = ['--target', origin, '--port', '0', '--config', options];
  const drain = args.includes('--drain') ? [] : ['--drain', '0'];
  const run = runCommand(['proxy', ...usual, ...args, ...drain], { signals, onNote: listening.come });
  const [, port] = /^http:\/\/127\.0\.0\.1:(\d+) signs the images of /.exec(await listening.comes) ?? [];
  return { port: Number(port), signals, run, closeSite };
}

describe('a mistake', () => {
  test.each([
    [[], 'No site is given. Name it with --target http://127.0.0.1:8080'],
    [['--target', 'localhost:8080'], '--target takes a URL that begins with http://'],
    [['--target', 'ftp://a'], '--target takes a URL that begins with http://'],
    [['--target', 'http://a/b'], '--target takes only scheme, host and port: http://a.'],
    [['--target', 'http://u:p@a'], '--target takes only scheme, host and port: http://a.'],
    [['--target', 'http://a?b'], '--target takes only scheme, host and port: http://a.'],
    [['--target', 'http://a', 'http://b'], 'proxy takes no operands.'],
    [['--target', 'http://a', '--port', '70000'], '--port takes a number from 1 to 65535, or 0'],
    [['--target', 'http://a', '--port', 'x'], '--port takes a number'],
    [['--target', 'http://a', '--health', 'healthz'], '--health takes a path, such as /healthz'],
    [['--target', 'http://a', '--drain', '1 minute'], "--drain takes seconds, '30s' or '2m'"],
    [['--target', 'http://a', '--drain', '2d'], "from 0 to '1h'"],
    [['--target', 'http://a', '--log', 'xml'], '--log takes json or text.'],
    [['--target', 'http://a', '--variants', 'thumb'], '--ttl 1d'],
  ])('is told before anything listens: %j', async (args, message) => {
    const { code, stdout, stderr } = await runCommand(['proxy', ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('in viewer is told', async () => {
    const wrong = file(
      'wrong.mjs',
      `export default { ttl: '1d', variants: ['thumb'], viewer: { user: 1 } };`,
    );
    const { code, stderr } = await runCommand(['proxy', '--target', 'http://a', '--config', wrong]);
    expect(code).toBe(2);
    expect(stderr).toContain(
      "`viewer`: expected a function, such as (request, { askTarget }) => askTarget('/session'), got object.",
    );
  });

  test('is a port that is in use', async () => {
    const { origin } = await openSite(page);
    const { port } = new URL(origin);
    const args = ['--target', origin, '--port', port, '--config', config];
    const { code, stderr } = await runCommand(['proxy', ...args]);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `image-signer: Port ${port} is in use. Choose another one with --port, or let --port 0 take a free one.\n`,
    );
  });
});

test('it signs until a signal comes, and ends with 0', async () => {
  const { port, signals, run } = await start([]);
  expect(countTokens((await send(port, '/')).text)).toBe(1);
  signals.emit('SIGTERM');
  const { code, stdout, stderr } = await run;
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('Finishing requests under way.');
});

test('a second signal ends it at once, whatever is under way', async () => {
  const asked = new EventEmitter();
  const { port, signals, run, closeSite } = await start([], () => asked.emit('request'));
  const request = once(asked, 'request');
  const pending = send(port, '/').catch(() => {}); // the site goes, without an answer
  await request;
  signals.emit('SIGINT');
  signals.emit('SIGINT');
  expect((await run).code).toBe(1);
  await closeSite();
  await pending;
});

describe('the log', () => {
  test('has a line of JSON for each request, without its query, and none for health checks', async () => {
    const { port, signals, run } = await start(['--log', 'json', '--health', '/healthz']);
    await send(port, '/a%0Ab?token=secret');
    await send(port, '/healthz');
    await send(port, `/sig=${'a'.repeat(64)}`);
    signals.emit('SIGTERM');
    const { stdout } = await run;
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!)).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      method: 'GET',
      path: '/a%0Ab',
      status: 200,
      milliseconds: expect.any(Number),
    });
    expect(stdout).not.toMatch(/secret|a{64}/);
  });

  test('may be text, and says what has failed', async () => {
    const { port, signals, run } = await start(['--log', 'text'], (request) => void request.socket.destroy());
    await send(port, '/x?y');
    signals.emit('SIGTERM');
    expect((await run).stdout).toMatch(/^\S+Z GET \/x 502 \d+ ms \(the target closed the connection\)\n$/);
  });
});

test('a failure of viewer is noted beside the log too, with its reason and without what a visitor sent', async () => {
  const withViewer = file(
    'viewer.config.mjs',
    `export default {
      ttl: '1d', variants: ['thumb'], accountHash: '${accountHash}', authorize: () => true,
      viewer: (request, { askTarget }) => askTarget('/' + request.headers['x-ask'] + '?name=secret'),
    };`,
  );
  const listener: RequestListener = (request, response) => {
    const status = Number(/^\/status-(\d+)/.exec(request.url!)?.[1] ?? 200);
    if (request.url !== '/') return void response.writeHead(status).end('<p>');
    page(request, response);
  };
  const { port, signals, run } = await start(['--log', 'json'], listener, withViewer);
  for (const ask of ['status-404', 'status-401', 'status-403', 'page', 'status-404'])
    await send(port, '/', { headers: { accept: 'text/html', 'x-ask': ask } });
  signals.emit('SIGTERM');
  expect((await run).stderr.match(/failed: .*/g)).toEqual([
    'failed: /status-404: viewer failed: the target answered 404',
    "failed: /page: viewer failed: the target's answer is not JSON",
  ]);
});

test('without a log, a failure is noted once in a while', async () => {
  const { port, signals, run } = await start([], (request) => void request.socket.destroy());
  for (const path of ['/x?y', '/x']) await send(port, path);
  signals.emit('SIGTERM');
  expect((await run).stderr.match(/failed: .*/g)).toEqual(['failed: /x: the target closed the connection']);
});

test('Ctrl+C waits for no load balancer', async () => {
  const { signals, run } = await start(['--drain', '1h']);
  signals.emit('SIGINT');
  expect((await run).code).toBe(0);
});

describe('as a process', () => {
  const startProcess = async (...args: string[]) => {
    const { origin } = await openSite(page);
    const command = [join(builtFolder, 'cli.js'), 'proxy', '--target', origin, '--port', '0'];
    const all = [...command, '--config', config, '--health', '/healthz', '--log', 'json', ...args];
    const child = spawn(process.execPath, all, { env: { ...process.env, IMAGES_KEY: key } });
    let log = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
    });
    const [line] = (await once(createInterface(child.stderr), 'line')) as [string];
    const port = Number(/^http:\/\/127\.0\.0\.1:(\d+) /.exec(line)?.[1]);
    return { child, port, ended: once(child, 'close'), paths: () => log.match(/"path":"[^"]*"/g) };
  };

  test('it says where it listens, answers its health check, and ends with 0 on SIGTERM', async () => {
    const { child, port, ended, paths } = await startProcess('--drain', '0');
    expect((await send(port, '/healthz')).text).toBe('ok\n');
    expect(countTokens((await send(port, '/')).text)).toBe(1);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(paths()).toEqual(['"path":"/"']);
  });

  test('it listens for --drain after SIGTERM, and a second signal ends it at once', async () => {
    const { child, port, ended } = await startProcess('--drain', '1h');
    child.kill('SIGTERM');
    // A load balancer asks until it sees that.
    while ((await send(port, '/healthz')).status !== 503);
    expect(countTokens((await send(port, '/')).text)).toBe(1);
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
  });
});
