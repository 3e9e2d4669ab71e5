/** Calls a function once when a response's headers go out, which may change them (as the package on-headers does). */
import type { ServerResponse } from 'node:http';
import type { HeaderFields } from '../http/header-fields.ts';
import { HeaderList } from './header-list.ts';
import { replaceMethod } from './replace-method.ts';
import { ResponseFields } from './response-fields.ts';
import { mergeHeaders, readWriteHead } from './write-head.ts';

export function onHeaders(
  response: ServerResponse,
  change: (status: number, fields: HeaderFields) => void,
): void {
  const { setHeader } = response;
  const undo = replaceMethod(response, 'writeHead', (writeHead) => (...args) => {
    const call = readWriteHead(response, args, false);
    if (call === undefined) return writeHead(...args);
    const { status, reason, given, isMerged } = call;
    // A list stays a list: merged into the headers, a name that is in it twice would go out once.
    const list = new HeaderList(given);
    if (isMerged) mergeHeaders(response, setHeader, call);
    change(status, isMerged ? new ResponseFields(response, setHeader) : list);
    const result = writeHead(status, ...reason, ...(isMerged ? [] : [list.flat()]));
    undo(); // only now: if Node refuses a header, the error page still has to get here
    return result;
  });
}
