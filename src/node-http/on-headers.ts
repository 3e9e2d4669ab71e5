/** The headers of a response, seen once as they leave, and changed for the last time. The body is not touched. */
import type { ServerResponse } from 'node:http';
import { type HeaderFields, ListFields, ResponseFields } from '../http/header-fields.ts';
import { replaceMethod } from './replace-method.ts';
import { mergeHeaders, readWriteHead } from './write-head.ts';

export function whenHeadersLeave(
  response: ServerResponse,
  change: (status: number, fields: HeaderFields) => void,
): void {
  const { setHeader } = response;
  const undo = replaceMethod(response, 'writeHead', (writeHead) => (...args) => {
    const call = readWriteHead(response, args, false);
    if (call === undefined) return writeHead(...args);
    const { status, reason, given, isOnTop } = call;
    // What Node takes as a list stays one: merged, a header that stands in it twice would go out once.
    const list = new ListFields(given);
    if (isOnTop) mergeHeaders(response, setHeader, call);
    change(status, isOnTop ? new ResponseFields(response, setHeader) : list);
    const answer = writeHead(status, ...reason, ...(isOnTop ? [] : [list.flat()]));
    undo(); // not before: where Node refuses a header, the error page is still to come
    return answer;
  });
}
