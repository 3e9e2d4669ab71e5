/** What `walks/examples/proxy` deploys: its Dockerfile runs here step by step, and the files beside it fit to it. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { PackedPackage } from '../../support/package/projects.ts';
import { root } from '../../support/root.ts';
import { accountHash, countTokens, key, signerWith, url, withoutTokens } from '../../support/samples.ts';
import { freePort } from '../../support/servers/programs.ts';

const folder = join(root, 'examples/proxy');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

const dockerfile = read('Dockerfile')
  .replace(/^\s*#.*\n/gm, '')
  .replace(/\\\n/g, ' ');

/** What stands behind an instruction; it is there once. */
const instruction = (name: string): string => new RegExp(`^${name}\\s+(.+)$`, 'm').exec(dockerfile)![1]!;
/** Root may write everywhere; anybody else runs the commands as himself. */
const nobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

describe('the container', () => {
  const place = mkdtempSync(join(tmpdir(), 'image-signer-container-'));
  const app = join(place, 'app');
  const page = `<img src="${url('card')}">`;
  let packed: PackedPackage;
  let site: Server;

  beforeAll(async () => {
    packed = new PackedPackage();
    chmodSync(place, 0o755);
    mkdirSync(app);
    writeFileSync(join(place, 'images-key'), `${key}\n`);
    // A WordPress, as far as the configuration knows it.
    site = createServer(({ url: path, headers }, response) => {
      const isViewer = path === '/wp-admin/admin-ajax.php?action=image_signer_viewer';
      response.setHeader('Content-Type', isViewer ? 'application/json' : 'text/html; charset=utf-8');
      response.end(isViewer ? JSON.stringify({ isSignedIn: headers.cookie === 'session=ada' }) : page);
    }).listen(0, '127.0.0.1');
    await once(site, 'listening');
  });
  afterAll(() => {
    site.close();
    packed.remove();
    rmSync(place, { recursive: true, force: true });
  });

  test('installs without the network, runs as nobody, writes nothing, and stops when it is told', async () => {
    const env = {
      ...process.env,
      npm_config_offline: 'true',
      npm_config_cache: join(place, 'npm-cache'),
      npm_config_update_notifier: 'false',
      IMAGES_ACCOUNT_HASH: accountHash,
    };
    const port = String(await freePort());
    /** No container runs where these tests do: the words of an instruction run in an empty folder. */
    const here = (text: string): string =>
      text.replaceAll('image-signer@^0.1', packed.tarball).replaceAll('3000', port);
    execFileSync('sh', ['-c', here(instruction('RUN'))], { cwd: app, env, stdio: 'pipe' });
    cpSync(join(folder, instruction('COPY').split(' ')[0]!), join(app, 'image-signer.config.mjs'));
    const before = readdirSync(app, { recursive: true, encoding: 'utf8' });
    for (const each of ['.', ...before]) chmodSync(join(app, each), 0o555);
    expect(readdirSync(join(app, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'image-signer',
    ]);
    const start = (words: string, ...more: string[]): ChildProcess => {
      const [program, ...args] = JSON.parse(here(words)) as [string, ...string[]];
      return spawn(program, [...args, ...more], { ...nobody, cwd: app, env });
    };
    const checkHealth = async (): Promise<unknown> => {
      const [code] = await once(start(/CMD (\[.*\])$/.exec(instruction('HEALTHCHECK'))![1]!), 'close');
      return code;
    };

    const target = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    const given = ['--target', target, '--key-file', join(place, 'images-key'), '--drain', '0'];
    const child = start(instruction('ENTRYPOINT'), ...given);
    const ended = once(child, 'close');
    let told = '';
    let logged = '';
    child.stdout!.setEncoding('utf8').on('data', (text: string) => (logged += text));
    await new Promise<void>((resolve, reject) => {
      child.stderr!.setEncoding('utf8').on('data', (text: string) => {
        told += text;
        if (told.includes(' signs the images of ')) resolve();
      });
      void ended.then(() => reject(new Error(told)));
    });
    expect(await checkHealth()).toBe(0);
    const get = async (cookie: string) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie, accept: 'text/html' } });
      return { text: await response.text(), cacheControl: response.headers.get('cache-control') };
    };
    const [signedIn, stranger] = [await get('session=ada'), await get('session=eve')];
    expect([withoutTokens(signedIn.text), countTokens(signedIn.text)]).toEqual([page, 1]);
    const [, signed = ''] = /src="([^"]*)"/.exec(signedIn.text.replaceAll('&amp;', '&')) ?? [];
    expect(signerWith({ variants: ['card'], now: Date.now }).verifyImage(signed).ok).toBe(true);
    expect(stranger.text).toBe(`<img src="${url('preview')}">`);
    expect(signedIn.cacheControl).toMatch(/^private/);

    child.kill(instruction('STOPSIGNAL') as NodeJS.Signals);
    expect(await ended).toEqual([0, null]);
    expect(await checkHealth()).toBe(1);
    expect(JSON.parse(logged.trim().split('\n').at(-1)!)).toMatchObject({ method: 'GET', status: 200 });
    expect(`${told}${logged}`).not.toContain(key);
    expect(readdirSync(app, { recursive: true })).toEqual(before);
  });

  test('is small, and has no rights', () => {
    expect(instruction('FROM')).toMatch(/^node:\d+-alpine$/);
    expect(instruction('USER')).toBe('node');
    expect(read('Dockerfile')).not.toMatch(/\bapk add\b|python|build-base|ADD /);
    expect(read('.dockerignore').split('\n')).toEqual(['*', '!image-signer.config.mjs', '']);
  });
});

describe('compose.yaml', () => {
  const { services, secrets, volumes } = parse(read('compose.yaml'));

  test('lets nobody reach the site but through the proxy, which has no rights', () => {
    expect(Object.keys(services)).toEqual(['proxy', 'wordpress', 'database']);
    const { proxy, ...others } = services;
    for (const service of Object.values<object>(others)) expect(service).not.toHaveProperty('ports');
    expect(proxy.ports).toEqual(['127.0.0.1:8080:3000']);
    expect(proxy).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      build: '.',
    });
  });

  test('names files and secrets that are there, and no secret itself', () => {
    const mounts = Object.values<{ volumes?: string[]; secrets?: string[]; image?: string }>(services);
    for (const { volumes: mounted = [], secrets: used = [], image } of mounts) {
      for (const each of mounted) {
        const [source = ''] = each.split(':');
        expect(source.startsWith('./') ? existsSync(join(folder, source)) : source in volumes, each).toBe(
          true,
        );
      }
      for (const name of used) expect(secrets[name]).toEqual({ file: `./secrets/${name}` });
      if (image !== undefined) expect(image).toMatch(/^[a-z]+:\d+$/);
    }
    expect(read('.gitignore')).toBe('secrets/\n');
    expect(services.proxy.command).toEqual([
      '--target',
      'http://wordpress',
      '--key-file',
      '/run/secrets/images-key',
    ]);
  });
});

test('what runs the proxy waits for --drain, and for the requests under way', () => {
  const documentation = readFileSync(join(root, 'docs/cli.md'), 'utf8');
  const [, drain] = /--drain (\d+)s/.exec(documentation) ?? [];
  const [, limit] = /under way, for (\d+) seconds/.exec(documentation) ?? [];
  const { proxy } = parse(read('compose.yaml')).services;
  const [, unit] = /^TimeoutStopSec=(\d+)$/m.exec(read('image-signer-proxy.service')) ?? [];
  for (const time of [Number.parseInt(proxy.stop_grace_period, 10), Number(unit)])
    expect(time).toBeGreaterThan(Number(drain) + Number(limit));
});

describe('image-signer-proxy.service', () => {
  const unit = read('image-signer-proxy.service');

  test('starts the command with flags that it has, as the container does', () => {
    const help = execFileSync(process.execPath, [join(root, 'dist/cli.js'), 'proxy', '--help'], {
      encoding: 'utf8',
    });
    const flags = [unit, instruction('ENTRYPOINT'), instruction('CMD')].flatMap(
      (text) => text.replace(/^Environment.*$/gm, '').match(/(?<=[ "])--[a-z-]+/g) ?? [],
    );
    expect(flags.length).toBeGreaterThan(12);
    for (const flag of flags) expect(help).toContain(`${flag} `);
    expect(unit).toContain(
      'node_modules/image-signer/dist/cli.js proxy --config image-signer.config.mjs --key-file %d/',
    );
  });

  test('may write nothing, and has no rights', () => {
    for (const line of [
      'DynamicUser=yes',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
    ])
      expect(unit.split('\n')).toContain(line);
    // V8 compiles to memory that it writes and runs.
    expect(unit).not.toContain('MemoryDenyWriteExecute');
  });

  test('is a unit that systemd takes', () => {
    const place = mkdtempSync(join(tmpdir(), 'image-signer-unit-'));
    const file = join(place, 'image-signer-proxy.service');
    writeFileSync(file, unit.replace('/usr/bin/node', process.execPath));
    const { error, status, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
    rmSync(place, { recursive: true });
    // Not every machine has systemd.
    if (error === undefined) expect([status, stderr]).toEqual([0, '']);
    else expect(error).toMatchObject({ code: 'ENOENT' });
  });
});
