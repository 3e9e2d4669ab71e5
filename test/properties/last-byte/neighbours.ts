/** Middleware as other people write it: each knows nothing of ours, and is right by itself. Longer than most files: eleven kinds of them. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import onHeaders from 'on-headers';
import type { Neighbour } from './neighbour-case.ts';

export type Mountable = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What a neighbour has seen, where that should have been right. */
export interface Sighting {
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

type Method = (this: ServerResponse, ...args: unknown[]) => unknown;
interface Methods {
  writeHead: Method;
  write: Method;
  end: Method;
}

/** @param mark - what it adds to a page, where it adds something */
export function neighbourOf(
  neighbour: Neighbour,
  mark: string,
  sighted: (sighting: Sighting) => void,
): Mountable {
  switch (neighbour.kind) {
    case 'inject':
      return patching((response, old, restore) => inject(neighbour, mark, response, old, restore));
    case 'append':
      return patching((response, old) => append(mark, response, old));
    case 'cache':
      return cache(neighbour, sighted);
    case 'defer':
      return patching((response, old) => defer(response, old));
    case 'listen':
      return (_request, response, next) => {
        onHeaders(response, () => void response.setHeader(...neighbour.field));
        next();
      };
    case 'set':
      return patching((response, old) => ({
        end(...args) {
          if (!response.headersSent) response.setHeader(...neighbour.field);
          return old.end.apply(this, args);
        },
      }));
    case 'head':
      return patching((response, old) => sendHead(neighbour.length, response, old));
    case 'split':
      return patching((_response, old) => ({
        end(...args) {
          const body = bytesOf(args);
          if (body.length > 1) old.write.call(this, body.subarray(0, -1));
          return old.end.call(this, body.subarray(-1));
        },
      }));
    case 'restore':
      return restoring(neighbour.at);
    case 'again':
      return patching(again);
    case 'call back':
      return patching(calling);
  }
}

function patching(
  patch: (response: ServerResponse, old: Methods, restore: () => void) => Partial<Methods>,
): Mountable {
  return (_request, response, next) => {
    const methods = response as unknown as Methods;
    const { writeHead, write, end } = methods;
    const old = { writeHead, write, end };
    const patched = patch(response, old, () => Object.assign(methods, old));
    for (const [name, method] of Object.entries(patched) as [keyof Methods, Method][])
      methods[name] = function patchedMethod(this: ServerResponse, ...args) {
        try {
          return method.apply(this, args);
        } catch {
          return response.destroy(); // where a stream calls, nobody catches: it is told by what does not arrive
        }
      };
    next();
  };
}

/** connect-livereload, resp-modifier, connect-body-rewrite and connect-inject, each with a part of this. */
function inject(
  { head, length, restores, isLate }: Extract<Neighbour, { kind: 'inject' }>,
  mark: string,
  response: ServerResponse,
  old: Methods,
  restore: () => void,
): Partial<Methods> {
  const parts: Buffer[] = [];
  let deferred: unknown[] | undefined;
  const isPage = (): boolean => {
    const given = fieldsOf(deferred ?? []).find(([name]) => name.toLowerCase() === 'content-type')?.[1];
    return String(given ?? response.getHeader('Content-Type')).startsWith('text/html');
  };
  let isDone = false;
  const finish = (): void => {
    const body = Buffer.concat(parts);
    const changed = isPage() && body.length > 0 ? Buffer.concat([body, Buffer.from(mark)]) : body;
    if (restores) restore();
    if (!response.headersSent) {
      if (length === 'removed') response.removeHeader('Content-Length');
      else response.setHeader('Content-Length', changed.length);
      const given = length === 'given' ? { 'Content-Length': String(changed.length) } : {};
      if (deferred !== undefined) {
        // The head as it was given, but for the length.
        response.writeHead(deferred[0] as number, { ...withoutLength(deferred), ...given });
      } else if (length === 'given') response.writeHead(response.statusCode, given);
    }
    old.end.call(response, changed);
  };
  return {
    writeHead(...args) {
      if (isDone) return old.writeHead.apply(this, args);
      if (head === 'defers') deferred = args;
      else if (head === 'swallows') {
        response.statusCode = args[0] as number;
        for (const [name, value] of fieldsOf(args)) response.setHeader(name, value);
      } else {
        // The length that the page will have is not known yet.
        response.removeHeader('Content-Length');
        return old.writeHead.call(this, args[0], withoutLength(args));
      }
      return response;
    },
    write(...args) {
      if (isDone) return old.write.apply(this, args);
      parts.push(bytesOf(args));
      callBack(args);
      return true;
    },
    end(...args) {
      if (isDone) return old.end.apply(this, args);
      parts.push(bytesOf(args));
      isDone = true;
      if (isLate)
        setImmediate(() => {
          try {
            finish();
          } catch {
            response.destroy();
          }
        });
      else finish();
      return response;
    },
  };
}

function withoutLength(args: readonly unknown[]): Record<string, string> {
  return Object.fromEntries(fieldsOf(args).filter(([name]) => name.toLowerCase() !== 'content-length'));
}

function append(mark: string, response: ServerResponse, old: Methods): Partial<Methods> {
  let isPage = false;
  let hasBody = false;
  onHeaders(response, () => {
    isPage = String(response.getHeader('Content-Type')).startsWith('text/html');
    if (isPage) response.removeHeader('Content-Length');
  });
  return {
    write(...args) {
      hasBody ||= bytesOf(args).length > 0;
      return old.write.apply(this, args);
    },
    end(...args) {
      const body = bytesOf(args);
      if (body.length === 0 && !hasBody) return old.end.call(this);
      old.write.call(this, body);
      return isPage ? old.end.call(this, mark) : old.end.call(this);
    },
  };
}

/** apicache reads at the head, recipes in `end`. */
function cache(
  { reads, replays }: Extract<Neighbour, { kind: 'cache' }>,
  sighted: (sighting: Sighting) => void,
): Mountable {
  let kept:
    | { readonly status: number; readonly headers: OutgoingHttpHeaders; readonly body: Buffer }
    | undefined;
  const keeping = patching((response, old) => {
    const parts: Buffer[] = [];
    let headers: OutgoingHttpHeaders | undefined;
    return {
      writeHead(...args) {
        if (reads === 'writeHead')
          headers = {
            ...response.getHeaders(),
            ...Object.fromEntries(fieldsOf(args).map(([name, value]) => [name.toLowerCase(), value])),
          };
        return old.writeHead.apply(this, args);
      },
      write(...args) {
        parts.push(bytesOf(args));
        return old.write.apply(this, args);
      },
      end(...args) {
        parts.push(bytesOf(args));
        const body = Buffer.concat(parts);
        headers ??= { ...response.getHeaders() };
        if (response.statusCode === 200 && body.length > 0 && headers['content-type'] !== undefined) {
          kept = { status: 200, headers, body };
          if (reads === 'end') sighted({ headers, body });
        }
        return old.end.apply(this, args);
      },
    };
  });
  return (request, response, next) => {
    if (kept === undefined || request.method !== 'GET') return keeping(request, response, next);
    const { status, headers, body } = kept;
    const { 'if-none-match': tag } = request.headers;
    if (tag !== undefined && tag === headers['etag']) {
      const { etag, 'cache-control': cacheControl = 'no-cache' } = headers;
      response.writeHead(304, { ETag: String(etag), 'Cache-Control': cacheControl });
      response.end();
    } else if (replays === 'writeHead') response.writeHead(status, headers).end(body);
    else {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value!);
      response.end(body);
    }
  };
}

function defer(response: ServerResponse, old: Methods): Partial<Methods> {
  const parts: Buffer[] = [];
  let deferred: unknown[] | undefined;
  let isDone = false;
  return {
    writeHead(...args) {
      if (isDone) return old.writeHead.apply(this, args);
      deferred = args;
      return response;
    },
    write(...args) {
      if (isDone) return old.write.apply(this, args);
      parts.push(bytesOf(args));
      callBack(args);
      return true;
    },
    end(...args) {
      if (isDone) return old.end.apply(this, args);
      parts.push(bytesOf(args));
      isDone = true;
      if (deferred !== undefined && !response.headersSent) old.writeHead.apply(response, deferred);
      return old.end.call(response, Buffer.concat(parts));
    },
  };
}

function sendHead(
  length: Extract<Neighbour, { kind: 'head' }>['length'],
  response: ServerResponse,
  old: Methods,
): Partial<Methods> {
  let written = 0;
  return {
    write(...args) {
      written += bytesOf(args).length;
      return old.write.apply(this, args);
    },
    end(...args) {
      if (response.headersSent) return old.end.apply(this, args);
      const body = bytesOf(args);
      const size = String(written + body.length);
      if (length === 'none') response.removeHeader('Content-Length');
      if (length === 'set' || length === 'twice') response.setHeader('Content-Length', size);
      response.writeHead(
        response.statusCode,
        length === 'given' || length === 'twice' ? { 'content-length': size } : {},
      );
      return old.end.call(this, body);
    },
  };
}

function restoring(at: keyof Methods): Mountable {
  return patching((_response, old, restore) => {
    const once = (name: keyof Methods): Method =>
      function callOnce(this: ServerResponse, ...args: unknown[]) {
        if (name === at) restore();
        return old[name].apply(this, args);
      };
    return { writeHead: once('writeHead'), write: once('write'), end: once('end') };
  });
}

function again(response: ServerResponse, old: Methods): Partial<Methods> {
  let isInside = false;
  const through = (name: 'write' | 'end'): Method =>
    function callAgain(this: ServerResponse, ...args: unknown[]) {
      if (isInside) return old[name].apply(this, args);
      isInside = true;
      try {
        return (response[name] as Method).apply(response, args);
      } finally {
        isInside = false;
      }
    };
  return { write: through('write'), end: through('end') };
}

function calling(_response: ServerResponse, old: Methods): Partial<Methods> {
  const through = (name: 'write' | 'end'): Method =>
    function callBackAtOnce(this: ServerResponse, ...args: unknown[]) {
      const own = args.filter((each) => typeof each !== 'function');
      const result = old[name].apply(this, own);
      callBack(args);
      return result;
    };
  return { write: through('write'), end: through('end') };
}

function callBack(args: readonly unknown[]): void {
  for (const each of args) if (typeof each === 'function') each();
}

function bytesOf([chunk, encoding]: readonly unknown[]): Buffer {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return chunk instanceof Buffer ? Buffer.from(chunk) : Buffer.alloc(0); // as they do: other bytes are none
}

function fieldsOf([, ...rest]: readonly unknown[]): (readonly [string, string])[] {
  const fields = rest.find((each) => typeof each === 'object' && each !== null);
  if (!Array.isArray(fields)) return Object.entries((fields ?? {}) as Record<string, string>);
  return Array.from({ length: fields.length / 2 }, (_, at) => [
    String(fields[2 * at]),
    String(fields[2 * at + 1]),
  ]);
}
