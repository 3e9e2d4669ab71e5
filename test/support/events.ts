/** Events, for tests that are about what happened and not about the request. */
import type { ImageSignerEvent } from '../../src/index.ts';

/** The event without the request that it is about. */
export function withoutPage({ page: _, ...event }: ImageSignerEvent): ImageSignerEvent {
  return event;
}
