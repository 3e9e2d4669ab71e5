/** What both routers of Next.js are expected to do with `<Image>`, unless it is `unoptimized`. */
import assert from 'node:assert/strict';
import type { Visit } from './visit.ts';
import { expectAllShown } from './walk.ts';

/** Each image comes from the optimizer, which has got it from the delivery. */
export async function expectOptimized(visit: Visit, count: number): Promise<void> {
  await expectAllShown(visit, count);
  const { shown } = await visit.images();
  for (const url of shown) assert.match(url, /\/_next\/image\?url=http[^&]+&w=\d+&q=75$/);
}
