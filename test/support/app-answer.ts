/** An app that says one thing of its response's life, by whichever method of Node, and knows its own 304. */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Response as ExpressResponse } from 'express';

export type Value = string | number | string[];

export interface Field {
  readonly name: string;
  /** @param now - in seconds */
  readonly value: (now: number) => Value;
  readonly by: 'setHeader' | 'appendHeader' | 'writeHead';
}

export interface AppHeaders {
  readonly status: number;
  readonly fields: readonly Field[];
  readonly writeHeadTakes: 'an object' | 'a flat list';
  readonly typeBy: 'setHeader' | 'writeHead';
  /** The app's own tag, which stays as long as the page does; and its date, in seconds. */
  readonly etag: string | undefined;
  readonly lastModified: number | undefined;
}

/** Answers as an app does: type and headers first, then a page; or 304, where the request's conditions hold. */
export function answer(
  request: IncomingMessage,
  response: ServerResponse,
  app: AppHeaders,
  page: string,
  now: number,
): void {
  if (isExpress(response)) {
    for (const { name, value, by } of app.fields) {
      if (by === 'appendHeader') response.appendHeader(name, value(now) as string);
      else response.setHeader(name, value(now));
    }
    response.status(app.status).send(page);
    return;
  }
  if (app.typeBy === 'setHeader') response.setHeader('Content-Type', 'text/html');
  const isUnchanged = app.status < 300 && holds(request.headers, app);
  if (isUnchanged) response.removeHeader('Content-Type');
  response.statusCode = isUnchanged ? 304 : app.status;
  const given: [name: string, value: Value][] = [];
  if (app.typeBy === 'writeHead' && !isUnchanged) given.push(['Content-Type', 'text/html']);
  for (const { name, value, by } of app.fields) {
    if (by === 'writeHead') given.push([name, value(now)]);
    else if (by === 'setHeader') response.setHeader(name, value(now));
    else response.appendHeader(name, value(now) as string);
  }
  const headers =
    app.writeHeadTakes === 'an object' ? Object.fromEntries(given) : (given.flat(1) as string[]);
  if (given.length > 0) response.writeHead(response.statusCode, headers);
  response.end(isUnchanged ? undefined : page);
}

/** `res.send` of Express sets the type, and answers 304 by itself. */
function isExpress(response: ServerResponse): response is ServerResponse & ExpressResponse {
  return 'send' in response;
}

/** Whether nothing has changed for the client, as `req.fresh` of Express tells. */
function holds(headers: IncomingHttpHeaders, { etag, lastModified }: AppHeaders): boolean {
  const [tags, since] = [headers['if-none-match'], headers['if-modified-since']];
  const opaque = (tag: string): string => tag.trim().replace(/^W\//, '');
  if (tags === '*') return true;
  if (tags !== undefined)
    return (
      etag !== undefined && `${tags},`.split(/(?<="\s*),|,$/).some((tag) => opaque(tag) === opaque(etag))
    );
  return since !== undefined && lastModified !== undefined && lastModified * 1000 <= Date.parse(since);
}
