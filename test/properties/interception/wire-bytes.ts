/** What a response was on the wire, as it came: also one that a client could not make sense of. */

export interface Wire {
  /** Informational responses, wherever they stand: Node puts one even between two chunks. */
  readonly hints: readonly string[];
  readonly statusLine: string;
  readonly status: number;
  readonly lines: readonly (readonly [name: string, value: string])[];
  header(name: string): string | undefined;
  readonly isChunked: boolean;
  /** Without chunk framing. */
  readonly body: string;
  readonly trailers: string;
  /** Whether the last chunk came, where there are chunks. */
  readonly isComplete: boolean;
}

const hint = /HTTP\/1\.1 10[023] (?:Continue|Processing|Early Hints)\r\n(?:[^\r\n]+\r\n)*\r\n/g;

/** @returns undefined where no head came */
export function readWire(raw: string, method: string): Wire | undefined {
  const hints = raw.match(hint) ?? [];
  const rest = raw.replaceAll(hint, '');
  const headEnd = rest.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [statusLine = '', ...texts] = rest.slice(0, headEnd).split('\r\n');
  const lines = texts.map((text) => {
    const colon = text.indexOf(': ');
    return [text.slice(0, colon).toLowerCase(), text.slice(colon + 2)] as const;
  });
  const header = (name: string): string | undefined => {
    const values = lines.filter(([each]) => each === name).map(([, value]) => value);
    return values.length === 0 ? undefined : values.join(', ');
  };
  const status = Number(statusLine.split(' ')[1]);
  const isBodiless = method === 'HEAD' || status < 200 || status === 204 || status === 304;
  const isChunked = !isBodiless && /\bchunked\b/i.test(header('transfer-encoding') ?? '');
  const after = rest.slice(headEnd + 4);
  const framed = isChunked ? readChunks(after) : { body: after, trailers: '', isComplete: true };
  return { hints, statusLine, status, lines, header, isChunked, ...framed };
}

function readChunks(text: string): Pick<Wire, 'body' | 'trailers' | 'isComplete'> {
  let body = '';
  for (let at = 0; ; ) {
    const lineEnd = text.indexOf('\r\n', at);
    const digits = lineEnd < 0 ? '' : text.slice(at, lineEnd);
    const size = Number.parseInt(digits, 16);
    if (!/^[0-9a-f]+$/.test(digits)) return { body, trailers: '', isComplete: false };
    if (size === 0) return { body, trailers: text.slice(lineEnd + 2), isComplete: true };
    body += text.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}
