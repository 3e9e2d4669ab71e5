/** Events, for tests that are about what went wrong, and not about the request or how many URLs were signed. */
import type { ImageSignerEvent } from '../../src/index.ts';

/** The event without the request that it is about. */
export function withoutPage({ page: _, ...event }: ImageSignerEvent): ImageSignerEvent {
  return event;
}

/** Adds an event to a list, without its request. A response that was rewritten is no news. */
export function note(events: unknown[], event: ImageSignerEvent): void {
  if (event.type !== 'rewritten') events.push(withoutPage(event));
}
