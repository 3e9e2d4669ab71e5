/** The port that the Worker is to have: asked for before workerd does, whose own complaint fills a screen. */
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * @param text - of the environment; 0, any that is free, is for workerd to choose: another program might take it in between
 * @throws Error with one line that says how to fix it
 */
export async function freePort(text: string = '8787'): Promise<number> {
  const wanted = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(wanted <= 65_535)) throw new Error(`PORT is a number from 0 to 65535, not ${JSON.stringify(text)}.`);
  if (wanted === 0) return 0;
  const probe = createServer().listen(wanted, 'localhost');
  try {
    await once(probe, 'listening');
  } catch {
    throw new Error(`Port ${wanted} cannot be had. Choose another one: PORT=8788 npm run example -- worker`);
  }
  probe.close();
  await once(probe, 'close');
  return wanted;
}
