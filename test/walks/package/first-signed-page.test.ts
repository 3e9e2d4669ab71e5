/** The first page that a new user reads, done as it says: its files, its commands, for each store that it has a tab for. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { readPage } from '../../support/package/documents.ts';
import { PackedPackage, type Project } from '../../support/package/projects.ts';
import { freePort } from '../../support/servers/programs.ts';

const page = readPage('docs/start/first-signed-page.md');
const packed = new PackedPackage();
const running: ChildProcess[] = [];

afterEach(async () => {
  const ends = running.splice(0).map(async (child) => {
    if (child.exitCode !== null) return;
    const ended = once(child, 'close');
    child.kill();
    await ended;
  });
  await Promise.all(ends);
});
afterAll(() => packed.remove());

/** The blocks of a language that have this tab, in the order of the page. */
function blocksOf(language: string, tab: string): string[] {
  const blocks = page.matchAll(new RegExp(`^\`\`\`${language} \\[${tab}\\]\\n(.*?)^\`\`\`$`, 'gms'));
  return Array.from(blocks, ([, code]) => code!);
}

/** The line of the page's commands that begins so, as the arguments of Node.js. */
function command(begin: string): string[] {
  const line = page.split('\n').find((text) => text.startsWith(begin))!;
  const [program, ...args] = line.split(' ');
  return program === 'npx' ? ['node_modules/image-signer/dist/cli.js', ...args.slice(1)] : args;
}

/** @returns what the process has written once it has written this */
async function start(project: Project, args: readonly string[], until: string): Promise<string> {
  const { PATH } = process.env;
  const child = spawn(process.execPath, args, { cwd: project.path, env: { PATH } });
  running.push(child);
  let written = '';
  for (const stream of [child.stdout!, child.stderr!])
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
      child.emit('written');
    });
  while (!written.includes(until)) {
    const ended = once(child, 'close').then(() => Promise.reject(new Error(written)));
    await Promise.race([once(child, 'written'), ended]);
  }
  return written;
}

/** As a browser loads an image: to anything else the delivery says in text why a picture is not there. */
function load(url: string): Promise<Response> {
  return fetch(url, { headers: { Accept: 'image/*', 'Sec-Fetch-Dest': 'image' } });
}

test.each(['S3, R2, MinIO', 'Cloudflare Images'])('%s: the picture is there', async (tab) => {
  const [app, delivery] = [`${await freePort()}`, `${await freePort()}`];
  const withPorts = (text: string): string => text.replaceAll('3000', app).replaceAll('8787', delivery);
  const project = packed.createProject('module', { express: 'express' });
  const [config, program] = blocksOf('js', tab).map(withPorts);
  const [environment] = blocksOf('ini', tab).map(withPorts);
  project.write('image-signer.config.mjs', config!);
  project.write('.env', environment!);
  project.write('app.mjs', program!);
  mkdirSync(join(project.path, 'pictures/uploads'), { recursive: true });

  const dev = [...command('npx image-signer dev'), '--placeholder', '--port', delivery];
  await start(project, dev, 'Ctrl+C');
  await start(project, command('node --env-file'), `http://localhost:${app}`);

  const html = await (await fetch(`http://localhost:${app}/`)).text();
  const url = /<img src="([^"]*)">/.exec(html)![1]!.replaceAll('&amp;', '&');
  expect(url).toContain(`http://localhost:${delivery}/`);
  const [signed, plain] = await Promise.all([url, url.split('?')[0]!].map(load));
  expect([signed!.status, signed!.headers.get('content-type')]).toEqual([200, 'image/svg+xml']);
  expect(plain!.status).toBe(403);

  const check = command('npx image-signer check').map((word) => withPorts(word));
  expect(await start(project, check, 'ok ')).toContain('1 image URL. The delivery answers 200.');
});
