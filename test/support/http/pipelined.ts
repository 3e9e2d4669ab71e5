/** Several responses of one connection, told apart by their framing alone. */
import { parse, type RawResponse } from './raw.ts';

/**
 * @param methods - of the requests, in order: the answer to HEAD has no body
 * @throws where bytes are left over, or a response does not begin where the one before it ends
 */
export function parseAll(raw: Buffer, methods: readonly string[]): RawResponse[] {
  let at = 0;
  const responses = methods.map((method) => {
    let end = endOf(raw, at, method);
    while (/^HTTP\/1\.1 1/.test(raw.toString('latin1', at, at + 10))) {
      at = end;
      end = endOf(raw, at, method);
    }
    const response = parse(raw.subarray(at, end), method);
    at = end;
    return response;
  });
  if (at !== raw.length) throw new Error(`bytes left over: ${raw.toString('latin1', at, at + 40)}`);
  return responses;
}

function endOf(raw: Buffer, start: number, method: string): number {
  const bodyStart = raw.indexOf('\r\n\r\n', start) + 4;
  const head = raw.toString('latin1', start, bodyStart);
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1];
  if (status === undefined) throw new Error(`no response begins here: ${head.slice(0, 40)}`);
  if (method === 'HEAD' || status.startsWith('1') || status === '204' || status === '304') return bodyStart;
  if (/^transfer-encoding: chunked\r$/im.test(head)) {
    const last = raw.indexOf('\r\n0\r\n', bodyStart - 2);
    return last < 0 ? raw.length : raw.indexOf('\r\n\r\n', last) + 4;
  }
  const length = /^content-length: (\d+)\r$/im.exec(head)?.[1];
  return length === undefined ? raw.length : Math.min(bodyStart + Number(length), raw.length);
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
