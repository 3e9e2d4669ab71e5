/** What versions of Node.js do differently, tested on the Node.js that runs: a version number would not tell of a backport. */
import { ServerResponse } from './node-http.ts';

/** The answers of the functions below, once they have been needed. */
let isAppending: boolean | undefined;
let isUncorkedTooLate: boolean | undefined;

/** If a list for `writeHead` contains a name twice, Node.js 20 keeps the last value, later versions keep both. */
export function appendsLists(): boolean {
  if (isAppending !== undefined) return isAppending;
  const probe = createProbe();
  probe.setHeader('x', '0');
  probe.writeHead(200, ['y', '1', 'y', '2']);
  isAppending = Array.isArray(probe.getHeader('y'));
  return isAppending;
}

/** Uncorks before `end` does where Node's `end` would be too late for what is corked. */
export function uncorkBeforeEnd(response: ServerResponse): void {
  if (response.writableCorked === 0 || !uncorksTooLate()) return; // in Node 26 uncorking here would emit `drain` in the middle of an `end`
  for (let left = response.writableCorked; left > 0; left--) response.uncork();
  for (let left = response.writableCorked; left < 0; left++) response.cork(); // the app has uncorked once too often
}

/** Whether `end` sends corked chunks behind the last one, as in Node.js 22 and 24. */
function uncorksTooLate(): boolean {
  if (isUncorkedTooLate !== undefined) return isUncorkedTooLate;
  const probe = createProbe();
  probe.write('1');
  probe.cork();
  probe.write('2');
  probe.end();
  const { outputData } = probe as unknown as { readonly outputData?: readonly { readonly data: unknown }[] };
  isUncorkedTooLate = outputData?.at(-1)?.data !== '0\r\n\r\n';
  return isUncorkedTooLate;
}

const { appendHeader, cork, end, getHeader, removeHeader, setHeader, uncork, write, writeHead } =
  ServerResponse.prototype;
const methods = { appendHeader, cork, end, getHeader, removeHeader, setHeader, uncork, write, writeHead };

/**
 * A response without a connection. It has Node's methods as they were when this file was loaded: a package that patches them
 * later may expect a connection, or count each response.
 */
function createProbe(): ServerResponse {
  const request = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1 }; // all that Node reads
  return Object.assign(new ServerResponse(request as never), methods);
}
