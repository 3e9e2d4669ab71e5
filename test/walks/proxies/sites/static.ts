/** A folder of files behind nginx: what most sites are, and all that nginx does for files (ranges, 304, gzip, redirects). */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startNginx } from '../../../support/servers/programs.ts';
import type { OpenSite, Place, Site } from './site.ts';

const film = (headers: Readonly<Record<string, string>>) => ({ path: '/film.bin', headers });

export const staticSite: Site = {
  name: 'nginx',
  async start({ folder, images }: Place): Promise<OpenSite> {
    const port = await freePort();
    const files = join(folder, 'files');
    await mkdir(join(files, 'album'), { recursive: true });
    const template = await readFile(new URL('static/page.html', import.meta.url), 'utf8');
    const page = template.replaceAll('{images}', images);
    await writeFile(join(files, 'index.html'), page);
    await writeFile(join(files, 'album/index.html'), page.repeat(40));
    await writeFile(join(files, 'data.json'), JSON.stringify({ picture: `${images}/photo-1/card` }));
    await writeFile(join(files, 'film.bin'), Buffer.alloc(1_000_003, 'A film. '));
    const server = `types { text/html html; application/json json; }
server {
  listen 127.0.0.1:${port};
  root ${files};
  gzip on;
  # Without this it compresses nothing for requests with a \`Via\`, which every proxy sends.
  gzip_proxied any;
  gzip_types application/json;
  absolute_redirect on;
  port_in_redirect off;
}
`;
    await startNginx(join(folder, 'nginx'), server);
    const { headers } = await fetch(`http://127.0.0.1:${port}/film.bin`, { method: 'HEAD' });
    const [tag, date] = [headers.get('etag') ?? '', headers.get('last-modified') ?? ''];
    return {
      port,
      requests: [
        { path: '/', tokens: 4 },
        { path: '/', headers: { 'Accept-Encoding': 'gzip, deflate, br, zstd' }, tokens: 4 },
        { path: '/', method: 'HEAD' },
        { path: '/album/', tokens: 160 },
        { path: '/album/', headers: { 'Accept-Encoding': 'gzip' }, tokens: 160 },
        { path: '/album' },
        { path: '/data.json' },
        { path: '/data.json', headers: { 'Accept-Encoding': 'gzip' } },
        { path: '/film.bin' },
        ...['1000-1999', '-5', '0-4,10-14', '9999999-'].map((range) => film({ Range: `bytes=${range}` })),
        film({ 'If-None-Match': tag }),
        film({ 'If-Modified-Since': date }),
        film({ Range: 'bytes=0-9', 'If-Range': tag }),
        film({ Range: 'bytes=0-9', 'If-Range': '"another"' }),
        film({ 'If-Match': '"another"' }),
        { path: '/nothing%20here?a=b' },
        { path: '/', method: 'POST', body: 'not allowed' },
      ],
      // Each multipart answer has a boundary of its own.
      changing: /(?<=boundary=)\d+|(?<=--)\d{20}/g,
      pages: ['/', '/album/'],
      storm: [
        { path: '/' },
        { path: '/album/', headers: { 'Accept-Encoding': 'gzip' } },
        { path: '/film.bin' },
        film({ Range: 'bytes=1000-500000' }),
        { path: '/data.json' },
      ],
      async stored() {
        const pages = ['index.html', 'album/index.html'].map((each) => readFile(join(files, each), 'utf8'));
        return (await Promise.all(pages)).join('');
      },
    };
  },
};
