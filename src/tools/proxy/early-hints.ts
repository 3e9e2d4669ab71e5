/** Sends the target's interim responses on (RFC 9110, 15.2): early hints with their links, and that it is at work. */
import type { InformationEvent, ServerResponse } from 'node:http';
import { createHopFilter, fieldsOf } from './fields.ts';

/** Hints that Node.js refuses, or that come too late, are left out: nobody depends on them. */
export function relayInterim({ statusCode, rawHeaders }: InformationEvent, response: ServerResponse): void {
  if (response.headersSent || response.destroyed || response.req.httpVersion !== '1.1') return;
  if (statusCode === 102) response.writeProcessing();
  if (statusCode !== 103) return;
  const raw = rawHeaders as unknown as string[]; // its declaration is wrong
  const endsHere = createHopFilter(raw);
  const hints: Record<string, string | string[]> = {};
  for (const [name, value] of fieldsOf(raw)) {
    const lower = name.toLowerCase();
    if (lower === 'link') hints['link'] = [...(hints['link'] ?? []), ...splitLinks(value)];
    else if (!endsHere(lower)) hints[lower] = value;
  }
  try {
    response.writeEarlyHints(hints);
  } catch {}
}

/**
 * Node.js takes one link at a time. A comma may stand in a URL or in a quoted text; one that has no end goes to the end of the
 * field, so that nothing is read twice.
 */
export function splitLinks(value: string): string[] {
  const links = value.match(/(?:<[^>]*(?:>|$)|"(?:[^"\\]|\\.|\\$)*(?:"|$)|[^,<"])+/g) ?? [];
  return links.map((link) => link.trim()).filter((link) => link !== '');
}
