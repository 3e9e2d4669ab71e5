/** Faults while a response is decided on, made here by a clock that fails: no page is lost, and no request fails. */
import { describe, expect, test } from 'vitest';
import { type ImageSignerEvent, type ImageSignerOptions, imageSigner } from '../../src/index.ts';
import { note } from '../support/events.ts';
import { type Framework, frameworks, withSite } from '../support/frameworks.ts';
import { type RawResponse, send } from '../support/raw.ts';
import { base, countTokens, instant, url, withoutTokens } from '../support/samples.ts';

const page = `<img src="${url()}">`;

interface Outcome {
  readonly response: RawResponse;
  readonly events: readonly ImageSignerEvent[];
}

/** @param reads - of the clock that go well in the second request, before it fails for good */
async function ask(framework: Framework, reads: number): Promise<Outcome> {
  const events: ImageSignerEvent[] = [];
  let left = Number.POSITIVE_INFINITY;
  const now = (): number => {
    if (left-- <= 0) throw new Error('no clock');
    return instant;
  };
  const sign = imageSigner({
    ...base,
    now,
    report: (event: ImageSignerEvent) => note(events, event),
  } as ImageSignerOptions);
  const listener = framework.build([sign], (_request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.setHeader('ETag', '"a"');
    response.setHeader('Cache-Control', 'public, max-age=600');
    response.end(page);
  });
  return withSite(listener, async (port) => {
    const tag = (await send(port, '/')).header('etag')!;
    left = reads;
    return { response: await send(port, '/', { headers: { 'if-none-match': tag } }), events };
  });
}

describe.each(frameworks)('$name', (framework) => {
  test('before anything is decided: the page goes out as it came, is reported once, and nobody may keep it', async () => {
    const { response, events } = await ask(framework, 0);
    expect([response.status, response.text]).toEqual([200, page]);
    expect(response.header('cache-control')).toBe('no-store');
    expect(response.header('etag')).toBeUndefined();
    expect(events).toEqual([{ type: 'passed', reason: 'internal-error' }]);
  });

  test('as the headers leave: the page is signed, and nobody may keep it', async () => {
    const { response, events } = await ask(framework, 1);
    expect([response.status, withoutTokens(response.text), countTokens(response.text)]).toEqual([
      200,
      page,
      1,
    ]);
    expect(response.header('cache-control')).toBe('no-store');
    expect(response.header('etag')).toBeUndefined();
    expect(events).toEqual([{ type: 'passed', reason: 'internal-error' }]);
  });
});
