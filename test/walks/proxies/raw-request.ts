/** Requests whose path is sent as it is written: a client that reads URLs would write some characters in another way. */
import { request } from 'node:http';
import type { Account } from './account.ts';

/** Each printable character of ASCII but those that part a path. */
export const printable: readonly string[] = Array.from({ length: 95 }, (_, index) =>
  String.fromCharCode(0x20 + index),
).filter((each) => !'/\\'.includes(each));

export function askAsWritten(url: string): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, port, origin } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: url.slice(origin.length) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject).end();
  });
}

/** Whether all these are answered with one status. */
export async function checkStatus(
  account: Account,
  title: string,
  urls: readonly string[],
  expected: number,
): Promise<void> {
  const answers = await Promise.all(urls.map(askAsWritten));
  const others = answers.flatMap(({ status }, at) => (status === expected ? [] : `${status} ${urls[at]}`));
  account.check(`${title} (${expected})`, others.length === 0, others);
}
