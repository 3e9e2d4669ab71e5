/** The headers of a response, seen once as they leave, and changed for the last time. The body is not touched. */
import type { ServerResponse } from 'node:http';
import { type HeaderFields, ResponseFields } from './header-fields.ts';
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
    mergeHeaders(response, setHeader, call);
    change(call.status, new ResponseFields(response, setHeader));
    const answer = writeHead(call.status, ...call.reason);
    undo(); // not before: where Node refuses a header, the error page is still to come
    return answer;
  });
}
