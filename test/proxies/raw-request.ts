/** Requests whose path is sent as it is written: a client that reads URLs would write some characters in another way. */
import { request } from 'node:http';

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
