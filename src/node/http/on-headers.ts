/**
 * Calls a function once when a response's headers go out, which may change them (as the package on-headers does); those
 * that an app sends by the stream of HTTP/2 as well.
 */
import type { ServerResponse } from 'node:http';
import { type OnStreamHeaders, watchStreamHeaders } from './http2-stream.ts';
import { type AnyMethod, replaceMethod } from './replaced-methods.ts';
import { HeaderList, ResponseFields, toValues } from './response-fields.ts';
import { isHttp2, mergeHeaders, readWriteHead } from './write-head.ts';

export function onHeaders(response: ServerResponse, change: OnStreamHeaders): void {
  const { setHeader } = response;
  if (isHttp2(response)) watchStreamHeaders(response, change);
  const undo = replaceMethod(response, 'writeHead', (writeHead) => (...args) => {
    const call = readWriteHead(response, args, false);
    if (call === undefined) return writeHead(...args);
    const { status, reason, given, isMerged } = call;
    // A list stays a list: merged into the headers, a name that is in it twice would go out once.
    const list = new HeaderList(given);
    if (isMerged) mergeHeaders(response, setHeader, call);
    change(status, isMerged ? new ResponseFields(response, setHeader) : list);
    // Listeners of a middleware above run after ours, and may set more.
    const result = afterEachHeader(
      response,
      (name, value) => {
        // They get our list, and set what is in it before anything else.
        if (!isMerged && toValues(value).every((each) => list.list(name).includes(each))) return;
        change(status, new ResponseFields(response, setHeader));
      },
      () => writeHead(status, ...reason, ...(isMerged ? [] : [list.flat()])),
    );
    undo(); // only now: if Node refuses a header, the error page still has to get here
    return result;
  });
}

/** Calls a function when the headers of a response go out that the app pushes with this one of HTTP/2. */
export function watchPushResponses(response: ServerResponse, change: OnStreamHeaders): void {
  const target = response as unknown as { createPushResponse?: AnyMethod };
  const { createPushResponse } = target;
  if (createPushResponse === undefined) return; // of a mock
  target.createPushResponse = (headers, callback) => {
    const call: AnyMethod = (error, pushed) => {
      if (pushed !== undefined) onHeaders(pushed as ServerResponse, change);
      return (callback as AnyMethod)(error, pushed);
    };
    return createPushResponse.call(response, headers, typeof callback === 'function' ? call : callback);
  };
}

/** Runs `run`, and `react` after every header that is set while it runs. */
function afterEachHeader<T>(
  response: ServerResponse,
  react: (name: string, value: unknown) => void,
  run: () => T,
): T {
  const names = (['setHeader', 'appendHeader'] as const).filter((name) => name in response); // mocks lack the second
  const undo = names.map((name) =>
    replaceMethod(response, name, (previous) => (...args) => {
      const result = previous(...args);
      react(String(args[0]), args[1]);
      return result;
    }),
  );
  try {
    return run();
  } finally {
    for (const each of undo) each();
  }
}
