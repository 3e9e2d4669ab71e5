/** Express in Cloudflare's runtime, whose responses take the memory of what is written to them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countTokens, withoutTokens } from '../../support/samples.ts';
import { send } from '../../support/servers/worker.ts';
import { startModule } from '../../support/servers/workerd.ts';

describe('Express in a Worker', () => {
  let worker: Awaited<ReturnType<typeof startModule>>;
  let address: string;
  beforeAll(async () => {
    worker = await startModule(new URL('./express-worker.ts', import.meta.url).pathname);
    address = `http://127.0.0.1:${worker.port}`;
  });
  afterAll(() => worker.close());

  test.each(['/send', '/bytes', '/stream'])('each visit gets the whole page: %s', async (path) => {
    const { text: plain } = await send(address, `/plain${path}`);
    for (let visit = 0; visit < 5; visit++) {
      const { text } = await send(address, `/signed${path}`);
      expect([withoutTokens(text), countTokens(text)]).toEqual([plain, 1]);
    }
  });

  test('whoever has the page is told so, and a HEAD has no body', async () => {
    const tag = String((await send(address, '/signed/send')).headers['etag']);
    const again = await send(address, '/signed/send', { headers: { 'If-None-Match': tag } });
    expect([again.status, again.text]).toEqual([304, '']);
    const head = await send(address, '/signed/send', { method: 'HEAD' });
    expect([head.status, head.headers['etag'], head.text]).toEqual([200, tag, '']);
  });

  test('a response has no method that the runtime does not have', async () => {
    expect((await send(address, '/signed/invented')).text).toBe('[]');
  });
});
