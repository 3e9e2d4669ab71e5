/** Names a request in one line of a log, whatever the client has sent. */
import { escapeInvisible, withoutMacs } from '../url/redacted-url.ts';

const maxLength = 256;

/**
 * @param target - the request target in origin form, or a URL; its query and fragment are left out
 * @returns `'GET /gallery'`, without what looks like a token
 */
export function printableRequest(method: string | undefined, target: string | undefined): string {
  const [path = ''] = (target ?? '')
    .slice(0, 4 * maxLength)
    .replace(/^[a-z]+:\/\/[^/?#]*/i, '')
    .split(/[?#]/, 1);
  const shown = escapeInvisible(withoutMacs(path).replaceAll(' ', '%20').slice(0, maxLength));
  // What is longer is no method in use, and may be a key.
  const name = /^[A-Z-]{1,15}$/.test(method ?? '') ? method : '…';
  return `${name} ${path.length > maxLength ? `${shown}…` : shown}`;
}
