/** The magazine of `django/`: models, the admin with its CSRF tokens, and the middleware that compresses and answers 304. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, programOf, startProgram } from '../../../support/servers/programs.ts';
import type { OpenSite, Place, Site } from './site.ts';

/** The one that Debian's packages are for. */
const python = '/usr/bin/python3';
const source = fileURLToPath(new URL('django/', import.meta.url));
const gzip = { 'Accept-Encoding': 'gzip' };
const octets = { 'Content-Type': 'application/octet-stream' };
const upload = {
  path: '/upload',
  method: 'POST',
  headers: octets,
  body: 'An upload. '.repeat(30_000),
};
const style = '/static/admin/css/base.css';
const later = { 'If-Modified-Since': 'Fri, 01 Jan 2100 00:00:00 GMT' };

export const django: Site = {
  name: 'django',
  async start({ folder, images }: Place): Promise<OpenSite> {
    programOf('/usr/lib/python3/dist-packages/django', 'python3-django');
    const port = await freePort();
    const database = join(folder, 'magazine.sqlite');
    const password = randomBytes(12).toString('hex');
    const environment = {
      DATABASE: database,
      IMAGES: images,
      PASSWORD: password,
      SECRET_KEY: randomBytes(32).toString('hex'),
      PYTHONPATH: source,
      PYTHONUNBUFFERED: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      DJANGO_SETTINGS_MODULE: 'settings',
    };
    const env = { ...process.env, ...environment };
    await promisify(execFile)(python, [join(source, 'prepare.py')], { env });
    await startProgram(
      python,
      ['-m', 'django', 'runserver', `127.0.0.1:${port}`, '--noreload', '--insecure'],
      /Quit the server/,
      { folder: source, environment },
    );
    return {
      ...{ port, password },
      changing: /(?<=name="csrfmiddlewaretoken" value=")\w+|(?<=csrftoken=)\w+|(?<=expires=)[^;]+/g,
      requests: [
        { path: '/', tokens: 6 },
        { path: '/', method: 'HEAD' },
        { path: '/article/lake', tokens: 6 },
        { path: '/article/lake', headers: gzip, tokens: 6 },
        { path: '/article/lighthouse', tokens: 2 },
        { path: '/archive', tokens: 120 },
        { path: '/archive', headers: gzip, tokens: 120 },
        { path: '/articles.json' },
        { path: '/admin/' },
        { path: '/admin/login/' },
        { path: style },
        { path: style, headers: gzip },
        { path: style, headers: later },
        { path: '/nothing/%C3%BCber?a=%20b&c' },
        upload,
        { path: '/admin/login/', method: 'POST', headers: octets, body: 'without a CSRF token' },
      ],
      pages: ['/', '/article/lake', '/article/dunes', '/archive'],
      storm: [
        { path: '/' },
        { path: '/article/lake', headers: gzip },
        { path: '/archive', headers: gzip },
        { path: '/admin/login/' },
        { path: style },
        { path: '/articles.json' },
        upload,
      ],
      stored: () => readFile(database, 'utf8'),
    };
  },
  async edit(page, title, { password = '' }) {
    await page.goto('/admin/');
    await page.getByLabel('Username').fill('editor');
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'Articles' }).first().click();
    await page.getByRole('link', { name: 'The lake' }).click();
    await page.locator('.field-picture img').evaluate((image: { decode(): Promise<void> }) => image.decode());
    await page.getByLabel('Title').fill(title);
    await page.getByLabel('Body').pressSequentially('x');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.locator('.messagelist .success').waitFor();
    await page.goto('/article/lake');
  },
};
