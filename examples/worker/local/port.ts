/** Checks the port before workerd takes it: workerd's own error fills a screen. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * @param text - the environment's PORT. For 0 workerd chooses a free port: one found here could be taken in between
 * @throws Error with one line that says how to fix it
 */
export async function freePort(text: string = '8787'): Promise<number> {
  const wanted = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(wanted <= 65_535))
    throw new Error(`PORT must be a number from 0 to 65535, not ${JSON.stringify(text)}.`);
  if (wanted === 0) return 0;
  const probe = createServer().listen(wanted, 'localhost');
  try {
    await once(probe, 'listening');
  } catch {
    throw new Error(
      `Port ${wanted} is in use or not allowed. Choose another port: PORT=8788 npm run example -- worker`,
    );
  }
  probe.close();
  await once(probe, 'close');
  return wanted;
}
