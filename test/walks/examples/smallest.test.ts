/** The smallest sites, started as a user starts them: what guests and members get. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { countTokens } from '../../support/samples.ts';
import { freePort } from '../../support/servers/programs.ts';

test.each(['express', 'koa'])('%s signs a view and stored HTML, and a guest gets a preview', async (name) => {
  const port = await freePort();
  const site = spawn(process.execPath, ['--import', 'tsx', `examples/${name}/app.js`], {
    env: { ...process.env, PORT: String(port), TSX_TSCONFIG_PATH: 'examples/tsconfig.json' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    await once(site.stdout, 'data'); // its address
    const address = `http://localhost:${port}`;
    const pages = await Promise.all(
      ['/', '/?as=member'].map(async (path) => (await fetch(address + path)).text()),
    );
    // The view signs a picture in two sizes, one of them twice; stored HTML has one for members.
    expect(pages.map(countTokens)).toEqual([3, 4]);
    const [guest, member] = pages.map((page) =>
      Array.from(page.matchAll(/(?<=src=")[^"]+/g), ([url]) => url.replaceAll('&amp;', '&')),
    );
    expect(guest!.at(-1)).toBe(`${address}/images/smallest-site/city/preview`);
    const pictures = [...guest!, ...member!];
    expect(pictures).toHaveLength(4);
    for (const url of pictures) {
      const { status, headers } = await fetch(url);
      expect([status, headers.get('content-type')], url).toEqual([200, 'image/webp']);
    }
    expect((await fetch(member!.at(-1)!.replace(/\?.*/, ''))).status).toBe(403);
  } finally {
    site.kill();
  }
});
