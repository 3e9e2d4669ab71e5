/**
 * The stream below a response of `node:http2`, as an app gets it by `response.stream`. What it sends there passes by the
 * response's own methods, and so by our hooks. The app gets a view of the stream, in which some methods are replaced;
 * the response, and middleware that has kept its methods, go on with the stream itself.
 */
import type { ServerResponse } from 'node:http';
import type { HeaderFields } from '../../http/header-fields.ts';
import type { AnyMethod } from './replaced-methods.ts';
import { type GivenHeader, HeaderList } from './response-fields.ts';

/** @param original - the stream's own method, bound */
type Replacement = (original: AnyMethod, args: readonly unknown[]) => unknown;
type StreamMethods = Readonly<Record<string, Replacement>>;

/** May change the headers that are sent with this status. */
export type OnStreamHeaders = (status: number, fields: HeaderFields) => void;

interface Stream {
  readonly writableNeedDrain: boolean;
  emit(event: 'drain'): boolean;
}

/**
 * Calls a function when the app sends headers by the stream.
 * It may be called again, for another view of the view.
 */
export function watchStreamHeaders(response: ServerResponse, onHeaders: OnStreamHeaders): void {
  replaceStreamMethods(response, headerMethods(onHeaders));
}

/**
 * Joins what the app sends by the stream to a body that is rewritten. Anything else goes out as it is, and is reported.
 * @param onBypass - called for headers that are sent past the response, pushed ones among them
 * @param isRewriting - whether the body of the response is being rewritten
 */
export function joinStream(
  response: ServerResponse,
  onBypass: OnStreamHeaders,
  isRewriting: () => boolean,
): void {
  replaceStreamMethods(response, {
    ...headerMethods((status, fields) => {
      if (!response.headersSent) onBypass(status, fields);
    }),
    ...pushMethod(onBypass),
    ...bodyMethods(response, isRewriting),
  });
}

function replaceStreamMethods(response: ServerResponse, methods: StreamMethods): void {
  const { stream } = response as ServerResponse & { readonly stream?: object | null };
  if (typeof stream !== 'object' || stream === null) return; // of a mock
  const view = viewOf(stream, methods);
  Object.defineProperty(response, 'stream', { configurable: true, get: () => view });
}

/** The methods that send headers: the index of these among the arguments. */
const headersAt = { respond: 0, respondWithFile: 1, respondWithFD: 1 } as const;

function headerMethods(onHeaders: OnStreamHeaders): StreamMethods {
  const entries = Object.entries(headersAt).map(([name, index]): [string, Replacement] => [
    name,
    (original, args) => {
      const changed = [...args];
      changed[index] = changeHeaders(args[index], onHeaders);
      return original(...changed);
    },
  ]);
  return Object.fromEntries(entries);
}

/** `pushStream`, whose callback gets a view of the pushed stream. */
function pushMethod(onHeaders: OnStreamHeaders): StreamMethods {
  return {
    pushStream: (original, args) =>
      original(
        ...args.map((each) =>
          typeof each === 'function'
            ? (error: unknown, pushed: object | undefined, ...more: unknown[]) =>
                (each as AnyMethod)(error, pushed && viewOf(pushed, headerMethods(onHeaders)), ...more)
            : each,
        ),
      ),
  };
}

/** `write` and `end`: while `isRewriting` returns true, they are those of the response, which may hold bytes back. */
function bodyMethods(response: ServerResponse, isRewriting: () => boolean): StreamMethods {
  const { write, stream } = response as ServerResponse & { readonly stream: Stream };
  let isDrainDue = false;
  return {
    write(original, args) {
      if (!isRewriting()) return original(...args);
      const isWritable = (response.write as typeof write & AnyMethod)(...args);
      // A body that has to be decoded first drains later than the stream, which then says nothing itself.
      if (!isWritable && !isDrainDue && !stream.writableNeedDrain) {
        isDrainDue = true;
        response.once('drain', () => {
          isDrainDue = false;
          stream.emit('drain');
        });
      }
      return isWritable;
    },
    end(original, args) {
      if (!isRewriting()) return original(...args);
      (response.end as typeof response.end & AnyMethod)(...args);
      return stream;
    },
  };
}

/** The headers as the app has given them: an object, a flat list in newer versions of Node, or none. */
function changeHeaders(headers: unknown, onHeaders: OnStreamHeaders): unknown {
  if (headers !== undefined && (typeof headers !== 'object' || headers === null)) return headers; // Node refuses it
  const given: readonly GivenHeader[] = Array.isArray(headers)
    ? Array.from({ length: headers.length >> 1 }, (_, i) => [headers[2 * i], headers[2 * i + 1]])
    : Object.entries(headers ?? {});
  const list = new HeaderList(given);
  onHeaders(Number(list.get(':status') ?? 200), list);
  if (Array.isArray(headers)) return list.flat();
  // A symbol names the headers that no table of the connection keeps.
  const symbols = Object.getOwnPropertySymbols(headers ?? {}).map((key) => [
    key,
    (headers as Record<symbol, unknown>)[key],
  ]);
  return Object.fromEntries([...list.byName(), ...symbols] as [PropertyKey, unknown][]);
}

/** Its methods run on the stream itself, whose fields and listeners are the same for all views. */
function viewOf(stream: object, methods: StreamMethods): object {
  const known = new Map<PropertyKey, { readonly method: AnyMethod; readonly inView: AnyMethod }>();
  /** What the app has replaced itself: its method sees all calls, so that ours would come twice. */
  const replaced = new Set<PropertyKey>();
  const view: object = new Proxy(stream, {
    get(target, key) {
      // Node 26 pipes past `write` into a writable whose state it can read. Without it every chunk comes by our `write`.
      if (key === '_writableState' && 'write' in methods) return undefined;
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== 'function' || key === 'constructor') return value;
      const found = known.get(key);
      if (found?.method === value) return found.inView;
      const original: AnyMethod = (...args) => Reflect.apply(value, target, args);
      const inView: AnyMethod = (...args) => {
        const isOurs = typeof key === 'string' && Object.hasOwn(methods, key) && !replaced.has(key);
        const replacement = isOurs ? methods[key] : undefined;
        const result = replacement === undefined ? original(...args) : replacement(original, args);
        return result === target ? view : result;
      };
      known.set(key, { method: value as AnyMethod, inView });
      return inView;
    },
    set(target, key, value) {
      replaced.add(key);
      return Reflect.set(target, key, value, target);
    },
  });
  return view;
}
