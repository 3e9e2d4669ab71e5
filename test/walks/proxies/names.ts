/** Names with every character, and requests whose path is sent as it is written: clients that read URLs tidy it. */
import { type RawResponse, send } from '../../support/http/raw.ts';

/** Each printable character of ASCII but those that part a path. */
export const printable: readonly string[] = Array.from({ length: 95 }, (_, index) =>
  String.fromCharCode(0x20 + index),
).filter((each) => !'/\\'.includes(each));

export function askAsWritten(url: string): Promise<RawResponse> {
  const { port, host, origin } = new URL(url);
  return send(Number(port), url.slice(origin.length), { headers: { host } });
}

/** Those that are not answered with this status, each with its own. */
export async function othersThan(status: number, urls: readonly string[]): Promise<string[]> {
  const answers = await Promise.all(urls.map(askAsWritten));
  return answers.flatMap((answer, at) => (answer.status === status ? [] : `${answer.status} ${urls[at]}`));
}
