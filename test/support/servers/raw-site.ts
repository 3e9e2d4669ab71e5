/** A site that speaks HTTP by hand: it reads whole requests, and answers with the bytes that a test gives it. */
import type { Socket } from 'node:net';

export interface RawSiteRequest {
  readonly line: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** In its framing. */
  readonly body: string;
}

/** Calls back for each whole request of a connection. */
export function onRequests(socket: Socket, answer: (request: RawSiteRequest) => void): void {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    for (let length = requestLength(text); length > 0; length = requestLength(text)) {
      const request = text.slice(0, length);
      text = text.slice(length);
      answer(readRequest(request));
    }
  });
}

/** @returns 0 if the request is not complete */
function requestLength(text: string): number {
  const head = text.indexOf('\r\n\r\n') + 4;
  if (head < 4) return 0;
  const [, length] = /^content-length: *(\d+)\r$/im.exec(text.slice(0, head)) ?? [];
  if (length !== undefined) return text.length >= head + Number(length) ? head + Number(length) : 0;
  if (!/^transfer-encoding:/im.test(text.slice(0, head))) return head;
  // The last chunk, and perhaps trailers.
  const last = /(?:^|\r\n)0\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(text.slice(head));
  return last === null ? 0 : head + last.index + last[0].length;
}

function readRequest(text: string): RawSiteRequest {
  const head = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = text.slice(0, head).split('\r\n');
  const fields = lines.map((each) => {
    const colon = each.indexOf(':');
    return [each.slice(0, colon).toLowerCase(), each.slice(colon + 1).trim()] as const;
  });
  return { line, fields, body: text.slice(head + 4) };
}
