/** A real WordPress of Debian, with its editor and its REST interface, over a MariaDB of its own. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort, programOf, startProgram } from '../../../support/servers/programs.ts';
import type { OpenSite, Place, Site } from './site.ts';

const run = promisify(execFile);
const source = fileURLToPath(new URL('wordpress/', import.meta.url));
/** Of the plugin in `examples/proxy/wordpress`. */
const viewerPath = '/wp-admin/admin-ajax.php?action=image_signer_viewer';
const plugin = fileURLToPath(
  new URL('../../../../examples/proxy/wordpress/image-signer-viewer.php', import.meta.url),
);
const gzip = { 'Accept-Encoding': 'gzip' };

export const wordpress: Site = {
  name: 'wordpress',
  async start({ folder, images, publicHost }: Place): Promise<OpenSite> {
    programOf('/usr/share/wordpress/wp-load.php', 'wordpress');
    programOf('/usr/share/doc/php-mysql', 'php-mysql');
    const files = join(folder, 'site');
    const socket = await startDatabase(folder);
    await copyWordPress(files);
    const port = await freePort();
    const password = randomBytes(12).toString('hex');
    const environment = {
      WORDPRESS: files,
      DATABASE_SOCKET: socket,
      PUBLIC_ADDRESS: `http://${publicHost}`,
      SALT: randomBytes(12).toString('hex'),
      PASSWORD: password,
      IMAGES: images,
      PHP_CLI_SERVER_WORKERS: '4',
    };
    const php = programOf('php', 'php-cli');
    const env = { ...process.env, ...environment };
    const installed = await run(php, [join(source, 'install.php')], { env });
    const ids = new Map(
      Array.from(installed.stdout.matchAll(/^(\w+)=(\d+)$/gm), ([, slug, id]) => [slug, id]),
    );
    const pathOf = (slug: string): string => `/?p=${ids.get(slug)}`;
    const args = ['-S', `127.0.0.1:${port}`, '-t', files];
    const surroundings = { folder: files, environment };
    await startProgram(php, args, /Development Server .* started/, surroundings);
    return {
      ...{ port, password },
      changing: /nonce[\w":=' ]{2,20}[0-9a-f]{10}|(?<=expires=)[^;]+/g,
      requests: [
        { path: pathOf('lighthouse'), tokens: 1 },
        { path: pathOf('lake'), headers: gzip, tokens: 5 },
        { path: pathOf('lake'), method: 'HEAD' },
        { path: '/?feed=rss2' },
        { path: '/index.php?rest_route=/wp/v2/posts' },
        { path: `/index.php?rest_route=/wp/v2/posts/${ids.get('lake')}` },
        { path: '/wp-admin/' },
        { path: '/wp-login.php' },
        { path: '/wp-includes/css/dist/block-library/style.min.css' },
        { path: '/?p=999999' },
        { path: viewerPath },
        { path: '/?name=lake', tokens: 5 },
      ],
      pages: [pathOf('lake'), pathOf('dunes'), pathOf('lighthouse')],
      storm: [
        { path: pathOf('lake') },
        { path: '/wp-login.php' },
        { path: '/wp-includes/css/dist/block-library/style.min.css' },
        { path: '/wp-includes/js/jquery/jquery.min.js' },
        { path: '/index.php?rest_route=/wp/v2/posts' },
      ],
      async stored() {
        const args = ['--no-defaults', `--socket=${socket}`, '--user=root', 'wordpress'];
        return (await run('mariadb-dump', args, { maxBuffer: 2 ** 26 })).stdout;
      },
    };
  },
  /** In the block editor: what it shows and saves goes through its REST interface. */
  async edit(page, title, { pages: [path = ''], password = '' }) {
    await page.goto('/wp-login.php');
    await page.getByLabel('Username or Email Address').fill('editor');
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Log In' }).click();
    await page.waitForURL('**/wp-admin/**');
    await page.goto(`/wp-admin/post.php?post=${path.slice('/?p='.length)}&action=edit`);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click(); // its welcome
    const canvas = page.frameLocator('iframe[name="editor-canvas"]');
    await canvas.getByRole('textbox', { name: 'Add title' }).fill(title);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByTestId('snackbar').filter({ hasText: 'Post updated' }).waitFor();
    const { isSignedIn, roles } = await (await page.request.get(viewerPath)).json();
    if (!isSignedIn || !roles.includes('administrator'))
      throw new Error('The plugin does not know the editor.');
    await page.goto(path);
  },
};

/** @returns its socket: it has no port */
async function startDatabase(folder: string): Promise<string> {
  const data = join(folder, 'data');
  const socket = join(folder, 'mariadb.sock');
  await mkdir(data);
  const own = ['--no-defaults', `--datadir=${data}`, `--user=${userInfo().username}`];
  await run('mariadb-install-db', [...own, '--auth-root-authentication-method=normal', '--skip-test-db']);
  const server = [...own, `--socket=${socket}`, '--skip-networking', `--pid-file=${data}/pid`];
  await startProgram(programOf('mariadbd', 'mariadb-server'), server, /ready for connections/);
  const client = ['--no-defaults', `--socket=${socket}`, '--user=root'];
  await run('mariadb', [...client, '-e', 'CREATE DATABASE wordpress']);
  return socket;
}

/** Debian's own configuration is left out, and so are translations. */
async function copyWordPress(files: string): Promise<void> {
  await cp('/usr/share/wordpress', files, {
    recursive: true,
    dereference: true,
    filter: (path) => !/\/(?:languages|wp-config\.php|\.htaccess)$/.test(path),
  });
  await copyFile(join(source, 'wp-config.php'), join(files, 'wp-config.php'));
  await mkdir(join(files, 'wp-content/mu-plugins'));
  await copyFile(plugin, join(files, 'wp-content/mu-plugins/image-signer-viewer.php'));
}
