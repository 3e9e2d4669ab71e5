/** Packages that patch `write` and `end` of Node.js for all responses, as agents for monitoring do: they may change a page. */
import { ServerResponse } from './node-http.ts';

const { write: firstWrite, end: firstEnd } = ServerResponse.prototype;
/** Whether those two are Node's own; undefined until it is needed. */
let areFirstNodes: boolean | undefined;

/** Whether no package has patched them, before this file was loaded or since. */
export function hasNodesMethods(): boolean {
  // Node's call a function that it keeps to itself.
  areFirstNodes ??= [firstWrite, firstEnd].every((each) =>
    Function.prototype.toString.call(each).includes('write_('),
  );
  const { write, end } = ServerResponse.prototype;
  return areFirstNodes && write === firstWrite && end === firstEnd;
}
