/** The magazine of `php/`: Twig and SQLite, behind the server that PHP brings along. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, freePort, startProgram } from '../process.ts';
import type { OpenSite, Place, Site } from './site.ts';

const source = fileURLToPath(new URL('php/', import.meta.url));
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const gzip = { 'Accept-Encoding': 'gzip' };
const octets = { 'Content-Type': 'application/octet-stream' };
const upload = {
  path: '/upload',
  method: 'POST',
  headers: octets,
  body: Buffer.alloc(300_000, 'An upload. '),
};

export const php: Site = {
  name: 'php',
  needs: {
    'php-cli': 'php',
    'php-sqlite3': '/usr/share/doc/php-sqlite3',
    'php-twig': '/usr/share/php/Twig/autoload.php',
  },
  async start({ folder, images, running }: Place): Promise<OpenSite> {
    const port = await freePort();
    const database = join(folder, 'magazine.sqlite');
    await startProgram(
      findProgram('php') ?? 'php',
      ['-S', `127.0.0.1:${port}`, 'router.php'],
      /Development Server .* started/,
      running,
      { folder: source, environment: { DATABASE: database, IMAGES: images, PHP_CLI_SERVER_WORKERS: '4' } },
    );
    const cover = `${images}/7c1f2a9e-5b0d-4c6e-9a41-2f8d3e6b7a01/card`;
    const text = `<p><img src="${cover}" alt=""></p>`;
    const body = new URLSearchParams({ title: 'The lake', cover, body: text }).toString();
    return {
      address: `http://127.0.0.1:${port}`,
      requests: [
        { path: '/', tokens: 9 },
        { path: '/', headers: gzip, tokens: 9 },
        { path: '/', method: 'HEAD' },
        { path: '/article/lake', tokens: 6 },
        { path: '/article/lake?from=list', headers: gzip, tokens: 6 },
        { path: '/article/dunes', tokens: 3 },
        { path: '/article/lighthouse', tokens: 2 },
        { path: '/article/lake/edit', tokens: 1 },
        { path: '/archive', tokens: 180 },
        { path: '/feed.xml' },
        { path: '/articles.json' },
        { path: '/style.css' },
        { path: '/style.css', headers: gzip },
        { path: '/%C3%BCber?a=%20b&c' },
        upload,
        { path: '/article/dunes/edit', method: 'POST', headers: form, body },
        { path: '/article/dunes', tokens: 2 },
      ],
      pages: ['/', '/article/lake', '/article/dunes', '/archive'],
      storm: [
        { path: '/' },
        { path: '/article/lake', headers: gzip },
        { path: '/archive' },
        { path: '/article/lake/edit' },
        { path: '/style.css' },
        { path: '/article/lighthouse/edit', method: 'POST', headers: form, body },
        upload,
      ],
      async edit(page, title) {
        await page.goto('/article/lake/edit');
        await page.getByLabel('Title').fill(title);
        await page.getByLabel('Text').pressSequentially('x');
        await page.getByRole('button', { name: 'Save' }).click();
        await page.waitForURL('**/article/lake');
      },
      stored: () => readFile(database, 'utf8'),
    };
  },
};
