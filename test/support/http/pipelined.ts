/** Several responses of one connection, told apart by their framing alone. */
import { type RawResponse, responseAt } from './raw.ts';

/**
 * @param methods - of the requests, in order: the answer to HEAD has no body
 * @throws where bytes are left over, or a response does not begin where the one before it ends
 */
export function parseAll(raw: Buffer, methods: readonly string[]): RawResponse[] {
  let at = 0;
  const responses = methods.map((method) => {
    const response = responseAt(raw, at, method);
    if (response === undefined) throw new Error(`no response begins at ${at} of ${raw.length}`);
    at = response.end;
    return response;
  });
  if (at !== raw.length) throw new Error(`bytes left over: ${raw.toString('latin1', at, at + 40)}`);
  return responses;
}

/** Requests without a body, the last of which closes the connection. */
export function requestsFor(
  targets: readonly (readonly [method: string, target: string])[],
  version = '1.1',
): string {
  return targets
    .map(([method, target], index) => {
      const connection = index === targets.length - 1 ? 'close' : 'keep-alive';
      return `${method} ${target} HTTP/${version}\r\nhost: localhost\r\nconnection: ${connection}\r\n\r\n`;
    })
    .join('');
}
