/** Asks a site the same with and without the proxy: what differs beside tokens, and the fields that tokens change? */
import { countTokens, withoutTokens } from '../../../support/samples.ts';
import type { Account } from '../account.ts';
import type { OpenSite, WalkedRequest } from '../sites/site.ts';
import { type Answer, decoded, exchange } from './exchange.ts';

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

export async function judgeBytes(
  account: Account,
  { address, requests, changing }: OpenSite,
  proxy: string,
): Promise<void> {
  const host = new URL(proxy).host;
  for (const sent of requests) {
    const direct = await exchange(address, sent, host);
    const behind = await exchange(proxy, sent, host);
    account.check(
      `${sent.method ?? 'GET'} ${sent.path}${titleOf(sent)} comes as the site sends it`,
      ...verdict(sent, direct, behind, changing),
    );
  }
}

function titleOf({ headers = {} }: WalkedRequest): string {
  const named = Object.entries(headers).filter(([name]) => name !== 'Cookie' && name !== 'Content-Type');
  return named.map(([name, value]) => ` (${name}: ${value})`).join('');
}

function verdict(
  { tokens = 0 }: WalkedRequest,
  direct: Answer,
  behind: Answer,
  changing: RegExp = /(?!)/g,
): [passed: boolean, differences: string[]] {
  const isPage = direct.fields.get('content-type')?.[0]?.startsWith('text/html') === true;
  const differences: string[] = [];
  const compare = (what: string, one: unknown, other: unknown): void => {
    const [left, right] = [String(one).replace(changing, '…'), String(other).replace(changing, '…')];
    if (left !== right) differences.push(`${what}: ${left.slice(0, 200)} | ${right.slice(0, 200)}`);
  };
  compare('status', `${direct.status} ${direct.message}`, `${behind.status} ${behind.message}`);
  const left = isPage ? pageFields : ownFields;
  for (const name of new Set([...direct.fields.keys(), ...behind.fields.keys()])) {
    if (left.includes(name) || (name === 'expires' && areOneMoment(direct, behind))) continue;
    compare(name, direct.fields.get(name), behind.fields.get(name));
  }
  if (isPage) {
    const page = decoded(behind).toString('latin1');
    compare('page', firstDifference(decoded(direct).toString('latin1'), withoutTokens(page), changing), '');
    compare('tokens', tokens, countTokens(page));
  } else {
    const [one, other] = [direct, behind].map(({ body }) => body.toString('latin1'));
    compare('body', firstDifference(one!, other!, changing), '');
  }
  return [differences.length === 0, differences];
}

/** `Expires` may be the clock's time: the second request is a little later than the first. */
function areOneMoment(direct: Answer, behind: Answer): boolean {
  const [one, other] = [direct, behind].map(({ fields }) => Date.parse(String(fields.get('expires'))));
  return Math.abs(one! - other!) <= 10_000;
}

function firstDifference(one: string, other: string, changing: RegExp): string {
  const [left, right] = [one.replace(changing, '…'), other.replace(changing, '…')];
  if (left === right) return '';
  let at = 0;
  while (left[at] === right[at]) at++;
  return `at ${at}: ${JSON.stringify(left.slice(at - 20, at + 60))} | ${JSON.stringify(right.slice(at - 20, at + 60))}`;
}
