/** Asks a site the same with and without the proxy: what differs beside tokens, and the fields that tokens change? */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { type RawResponse, send } from '../../support/http/raw.ts';
import { countTokens, withoutTokens } from '../../support/samples.ts';
import type { OpenSite, SentRequest } from './sites/site.ts';

/** Each hop has its own (RFC 9110, 7.6.1); the clock goes on; and the proxy names itself. */
const ownFields = ['connection', 'date', 'keep-alive', 'transfer-encoding', 'via'];
/** They describe a page whose place another one has taken. */
const pageFields = [
  'accept-ranges',
  'cache-control',
  'content-length',
  'etag',
  'last-modified',
  ...ownFields,
];

/** @param host - in `Host` */
export function ask(
  port: number,
  { path, headers, ...sent }: SentRequest,
  host: string,
): Promise<RawResponse> {
  return send(port, path, { ...sent, headers: { host, ...headers } });
}

export async function differencesOf(
  { port, requests, changing }: OpenSite,
  proxyPort: number,
): Promise<string[]> {
  const host = `127.0.0.1:${proxyPort}`;
  const differences: string[] = [];
  for (const sent of requests) {
    const [direct, behind] = [await ask(port, sent, host), await ask(proxyPort, sent, host)];
    const isPage = direct.header('content-type')?.startsWith('text/html') === true;
    const compare = (what: string, one: unknown, other: unknown): void => {
      const [left, right] = [String(one).replace(changing, '…'), String(other).replace(changing, '…')];
      if (left === right) return;
      let at = 0;
      while (left[at] === right[at]) at++;
      const both = [left, right].map((text) => JSON.stringify(text.slice(Math.max(0, at - 20), at + 60)));
      differences.push(`${sent.method ?? 'GET'} ${sent.path}: ${what} ${both.join(' | ')}`);
    };
    compare('status', direct.status, behind.status);
    const left = isPage ? pageFields : ownFields;
    for (const name of new Set([...direct.headers, ...behind.headers].map(([each]) => each)))
      if (!left.includes(name) && !(name === 'expires' && areOneMoment(direct, behind)))
        compare(name, direct.header(name), behind.header(name));
    const page = decoded(behind).toString('latin1');
    compare('body', decoded(direct).toString('latin1'), isPage ? withoutTokens(page) : page);
    compare('tokens', sent.tokens ?? 0, countTokens(page));
  }
  return differences;
}

/** The body without its content coding. */
function decoded(response: RawResponse): Buffer {
  const coding = response.header('content-encoding');
  if (coding === undefined || response.body.length === 0) return response.body;
  return coding === 'br' ? brotliDecompressSync(response.body) : gunzipSync(response.body);
}

/** `Expires` may be the clock's time: the second request is a little later than the first. */
function areOneMoment(...responses: readonly RawResponse[]): boolean {
  const [one, other] = responses.map((each) => Date.parse(String(each.header('expires'))));
  return Math.abs(one! - other!) <= 10_000;
}
