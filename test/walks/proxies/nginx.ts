/** An nginx of one run: everything in one folder, for whatever user. It knows no server that is configured in it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, type RunningProgram, startProgram } from './process.ts';

/**
 * Resolves once it listens.
 * @param folder - for all that it writes; it is not there yet
 * @param servers - what stands in `http { }`
 * @param running - it is put in here
 */
export async function startNginx(folder: string, servers: string, running: RunningProgram[]): Promise<void> {
  await mkdir(folder);
  await writeFile(join(folder, 'servers.conf'), servers);
  await writeFile(join(folder, 'nginx.conf'), frameOf(folder));
  await startProgram(
    findProgram('nginx') ?? 'nginx',
    ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')],
    /start worker process \d+/,
    running,
  );
}

function frameOf(folder: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${join(folder, name)};`)
    .join('\n');
  // Workers of root would become somebody who may not look into a temporary folder.
  const user = process.getuid?.() === 0 ? 'user root;\n' : '';
  return `daemon off;
${user}worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr notice;
events {}
http {
  access_log off;
${temporary}
  include ${join(folder, 'servers.conf')};
}
`;
}
