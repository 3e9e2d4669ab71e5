/** nginx and Varnish in front of a site, each with the configuration that docs/caching.md recommends. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startNginx } from './nginx.ts';
import { findProgram, freePort, type RunningProgram, startProgram } from './process.ts';

export interface Cache {
  readonly name: 'nginx' | 'Varnish';
  readonly address: string;
}

/**
 * @param folder - for all that the two write; it is there already
 * @param running - what is started is put in here
 */
export async function startCaches(
  folder: string,
  sitePort: number,
  running: RunningProgram[],
): Promise<[nginx: Cache, varnish: Cache]> {
  const nginx = await startNginxCache(folder, sitePort, running);
  return [nginx, await startVarnish(folder, sitePort, running)];
}

async function startNginxCache(folder: string, sitePort: number, running: RunningProgram[]): Promise<Cache> {
  const port = await freePort();
  const own = join(folder, `nginx-${port}`);
  const server = fill('nginx.conf.template', {
    folder: join(own, 'cache'),
    listen: `127.0.0.1:${port}`,
    site: `127.0.0.1:${sitePort}`,
  });
  await startNginx(own, server, running);
  return { name: 'nginx', address: `http://127.0.0.1:${port}` };
}

async function startVarnish(folder: string, sitePort: number, running: RunningProgram[]): Promise<Cache> {
  const port = await freePort();
  const vcl = join(folder, `varnish-${port}.vcl`);
  await writeFile(vcl, fill('varnish.vcl.template', { host: '127.0.0.1', port: String(sitePort) }));
  await startProgram(
    findProgram('varnishd') ?? 'varnishd',
    // In the foreground, without another user or an administrator's port.
    [
      ...['-F', '-j', 'none', '-T', 'none', '-n', join(folder, `varnish-${port}`)],
      ...['-a', `127.0.0.1:${port}`, '-f', vcl, '-s', 'malloc,64m'],
    ],
    /said Child starts/,
    running,
  );
  return { name: 'Varnish', address: `http://127.0.0.1:${port}` };
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  const text = readFileSync(new URL(template, import.meta.url), 'utf8');
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => values[name] ?? whole);
}
