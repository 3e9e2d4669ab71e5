/**
 * Whether a request has conditions, told from its raw headers: Node.js makes `headers` of them when it is first read, which takes
 * longer than the rest of the middleware for a response that is not a page.
 */
import type { IncomingMessage } from 'node:http';
import { conditionalFields, hasConditionals } from '../../http/conditional-requests.ts';
import { rawHeadersOf } from './message-property.ts';

/** Conditions that an earlier middleware has removed do not count; those that it has added count once the type of a page is set. */
export function mayBeConditional(request: IncomingMessage): boolean {
  const rawHeaders = rawHeadersOf(request);
  if (rawHeaders === undefined || rawHeaders.length === 0) return hasConditionals(request.headers); // of a mock, perhaps
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    // By their first letters: hardly any other name begins so.
    const first = name.charCodeAt(0) | 0x20;
    if ((first === i || first === r) && conditionalFields.includes(name.toLowerCase()))
      return hasConditionals(request.headers); // an earlier middleware may have removed them
  }
  return false;
}

const [i, r] = [0x69, 0x72];
