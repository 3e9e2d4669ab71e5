/**
 * Stands between an app and its `ServerResponse`. It asks a policy whether the response is rewritten, and carries that
 * out; it makes no decision itself. Bytes go through synchronously, so what `write` returns, `drain`, callbacks,
 * `headersSent` and `writableEnded` stay Node's own, unless a body has to be decoded first.
 *
 * The methods that set headers are hooked at once (`hooks.ts`), below those of any middleware installed later, so that
 * the last word on headers is ours. `write` and `end` are replaced only when a content type is set that may be
 * rewritten, above those of any middleware installed until then: a `compression` installed later receives the page as
 * rewritten.
 *
 * Longer than most files: each rule of a response depends on what has been seen of that response before.
 */
import { ServerResponse } from 'node:http';
import type { HeaderFields } from '../http/header-fields.ts';
import type { RewritePolicy } from '../http/rewrite-policy.ts';
import { hasOwnBodyMethods, type OutputSink } from './body-methods.ts';
import { BodyTap } from './body-tap.ts';
import { BodyWriter } from './body-writer.ts';
import { isChunk, isNoChunk } from './chunk.ts';
import { type ContentCoding, parseContentCoding } from './content-coding.ts';
import { ContentLength } from './content-length.ts';
import { type GivenHeader, HeaderList } from './header-list.ts';
import {
  type HeaderMethods,
  type HookPosition,
  type Hooks,
  type HookTarget,
  inherits,
  isContentType,
  isUnhooked,
} from './hooks.ts';
import {
  bodyMethods,
  headerMethods,
  type OnStreamHeaders,
  pushMethod,
  replaceStreamMethods,
} from './http2-stream.ts';
import { watchPushResponses } from './on-headers.ts';
import { type AnyMethod, replaceMethod } from './replace-method.ts';
import { ResponseFields } from './response-fields.ts';
import { type AddTrailers, Trailers } from './trailers.ts';
import {
  isHttp2,
  mergeHeaders,
  parseStatus,
  readWriteHead,
  type WriteHeadCall,
  withHeadersVisible,
} from './write-head.ts';

export class ResponseInterceptor implements HookTarget {
  #position: HookPosition;
  readonly #response: ServerResponse;
  readonly #holder: { readonly policy: RewritePolicy };
  readonly #hooks: Hooks;
  /** `write` and `end` as they were when the middleware was installed. */
  readonly earlierWrite: AnyMethod;
  readonly earlierEnd: AnyMethod;
  readonly #isHttp2: boolean;
  /** An earlier middleware has put on methods of its own. */
  readonly #hasEarlier: boolean;
  #state: 'undecided' | 'passthrough' | 'rewriting' = 'undecided';
  /** Every change to the response's headers, so that it can be undone. */
  #changed: ResponseFields[] = [];
  #trailers: Trailers | undefined;
  #tap: BodyTap | undefined;
  #unwatchHead: (() => void) | undefined;
  /** Both are undefined unless the body is rewritten. */
  #body: BodyWriter | undefined;
  #contentLength: ContentLength | undefined;
  /** Ends the transcoding of the body; undefined if it has not begun. */
  #giveBack: (() => void) | undefined;
  #hasSetHeader = false;
  /** Headers that were passed to `writeHead`, and that Node has not stored in the response. */
  #unstored: readonly GivenHeader[] | undefined;
  /** Until a content type is set that is never rewritten. */
  #mayBePage = true;
  /** From the moment when our changes to the headers are made until the headers are sent. */
  #hasFinalHeaders = false;

  /**
   * Nothing is intercepted before `install`: by then the hooks must be able to find this object.
   * @param holder - its policy may be replaced by another until the headers are sent
   */
  constructor(response: ServerResponse, holder: { readonly policy: RewritePolicy }, hooks: Hooks) {
    this.#position = hooks.attach(response);
    this.#response = response;
    this.#holder = holder;
    this.#hooks = hooks;
    const { write, end } = response;
    this.earlierWrite = write as AnyMethod; // one signature for all overloads
    this.earlierEnd = end as AnyMethod;
    this.#isHttp2 = isHttp2(response);
    this.#hasEarlier = hasOwnBodyMethods(response, this.#isHttp2);
  }

  get below(): HeaderMethods {
    return this.#position.below;
  }

  get isOnResponse(): boolean {
    return this.#position.isOnResponse;
  }

  /** The headers that the app has sent. */
  get sentFields(): HeaderFields {
    return this.#unstored === undefined
      ? new ResponseFields(this.#response, this.#setHeader)
      : new HeaderList(this.#unstored);
  }

  install(): void {
    if (this.isOnResponse) this.#hooks.installOnResponse(this.#response);
    if (this.#hasEarlier) this.#hooks.installBodyHooks(this.#response, this);
    if (this.#isHttp2) this.#watchStream();
    this.recheckContentType(); // an earlier middleware may have set it
  }

  /** What the app sends by the stream of HTTP/2 joins a body that is rewritten. Anything else goes out as it is, and is reported. */
  #watchStream(): void {
    const response = this.#response;
    const onBypass: OnStreamHeaders = (status, fields) => this.#holder.policy.onBypass(status, fields);
    replaceStreamMethods(response, {
      ...headerMethods((status, fields) => {
        if (!response.headersSent) onBypass(status, fields);
      }),
      ...pushMethod(onBypass),
      ...bodyMethods(response, () => this.#body !== undefined),
    });
    watchPushResponses(response, onBypass);
  }

  /** Installed again: in the meantime the response may have got another prototype, without the hooks. */
  reinstall(): void {
    if (this.isOnResponse || this.#state !== 'undecided' || inherits(this.#response, this.#position)) return;
    this.#position = this.#hooks.attach(this.#response);
    this.install();
  }

  /** The policy may have been replaced by one that rewrites other types. */
  recheckContentType(): void {
    const type = this.#state === 'undecided' ? this.#response.getHeader('content-type') : undefined;
    if (type !== undefined) this.#onContentType(String(type));
  }

  onSetHeader(name: unknown, value: unknown): void {
    this.#hasSetHeader = true;
    if (isContentType(name)) this.#onContentType(String(value));
    // Set by an on-headers listener that runs after ours: apply our limits again.
    else if (this.#hasFinalHeaders) this.#finalizeHeaders(this.#readFields());
  }

  #onContentType(type: string): void {
    if (this.#state !== 'undecided') return;
    this.#mayBePage = this.#holder.policy.onContentType(type);
    if (this.#mayBePage) this.#tapBody();
  }

  /** Early hints with their links changed. Hints of an unexpected form are left to Node, which refuses them. */
  onEarlyHints(hints: unknown): unknown {
    if (typeof hints !== 'object' || hints === null || !('link' in hints)) return hints;
    const { link } = hints;
    const isList = Array.isArray(link) && link.every((each) => typeof each === 'string');
    return typeof link === 'string' || isList
      ? { ...hints, link: this.#holder.policy.mapEarlyHints(link) }
      : hints;
  }

  onTrailers(trailers: unknown, add: AddTrailers): unknown {
    if (this.#state === 'passthrough') return add(trailers);
    this.#trailers ??= new Trailers(isHttp2(this.#response));
    return this.#trailers.add(trailers, add);
  }

  onWriteHead(args: readonly unknown[], method: AnyMethod): unknown {
    if (this.#isSimple(args)) {
      // Most responses of a site: a type that is never rewritten.
      this.#unstored = args[1] === undefined ? undefined : Object.entries(args[1] as object);
      return this.#passHead(args, method);
    }
    const call = readWriteHead(this.#response, args, this.#hasSetHeader);
    if (call === undefined) return method.apply(this.#response, [...args]); // Node refuses it
    this.#unstored = call.isMerged ? undefined : call.given;
    try {
      const result = this.#mayChange(call)
        ? this.#writeChangedHead(call, args, method)
        : method.apply(this.#response, [...args]);
      this.#onHeadersSent(this.#state === 'rewriting' ? 'rewriting' : 'passthrough');
      return result;
    } catch (error) {
      this.#reset();
      throw error;
    }
  }

  #passHead(args: readonly unknown[], method: AnyMethod): unknown {
    try {
      const result = method.apply(this.#response, [...args]);
      this.#onHeadersSent('passthrough');
      return result;
    } catch (error) {
      this.#reset();
      throw error;
    }
  }

  /** Whether a call can pass without a look at its headers, but for the type that an object of them names. */
  #isSimple([status, headers, ...more]: readonly unknown[]): boolean {
    if (more.length > 0 || this.#state !== 'undecided') return false;
    if (parseStatus(status) === 304 || this.#holder.policy.limitsOtherTypes) return false;
    if (headers === undefined) return !this.#mayBePage;
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false;
    if (this.#response.getHeaderNames().length > 0) return false; // one of them may be the type
    let type: unknown = '';
    for (const [name, value] of Object.entries(headers)) if (isContentType(name)) type = value;
    return typeof type === 'string' && !this.#holder.policy.onContentType(type);
  }

  /** Node has refused these headers. What the app sends instead, an error page perhaps, is a new decision. */
  #reset(): void {
    if (this.#response.headersSent) return;
    for (const fields of this.#changed.splice(0).reverse()) fields.revert();
    this.#state = 'undecided';
    this.#hasFinalHeaders = false;
    this.#body = undefined;
    this.#endTranscoding();
    this.recheckContentType(); // the type that was set before is still set
  }

  /** Whether the headers may change. */
  #mayChange({ status, given }: WriteHeadCall): boolean {
    if (this.#state !== 'undecided') return this.#changesHeaders;
    const type =
      new HeaderList(given).list('content-type').at(-1) ?? this.#response.getHeader('content-type');
    const { policy } = this.#holder;
    const isPage = policy.onContentType(type === undefined ? '' : String(type));
    return isPage || status === 304 || policy.limitsOtherTypes;
  }

  /** Once it is decided. */
  get #changesHeaders(): boolean {
    return this.#state === 'rewriting' || this.#holder.policy.limitsPassthrough;
  }

  #readFields(): ResponseFields {
    const fields = new ResponseFields(this.#response, this.#setHeader);
    this.#changed.push(fields);
    return fields;
  }

  get #setHeader(): ServerResponse['setHeader'] {
    return this.below.setHeader as ServerResponse['setHeader']; // typed as any method where it is hooked
  }

  #writeChangedHead(call: WriteHeadCall, args: readonly unknown[], method: AnyMethod): unknown {
    const { status, reason, given, isMerged, isList } = call;
    const wasUndecided = this.#state === 'undecided';
    if (isMerged) mergeHeaders(this.#response, this.#setHeader, call);
    else this.#response.statusCode = status;
    const list = new HeaderList(given);
    const fields = isMerged ? this.#readFields() : list;
    try {
      const decide = (): void => this.#decide(status, fields, this.#tap?.mayBeEncodedBelow !== true);
      if (wasUndecided && !isMerged && this.#holder.policy.readsResponse)
        withHeadersVisible(this.#response, list, decide);
      else if (wasUndecided) decide();
      if (this.#changesHeaders) this.#finalizeHeaders(fields);
      else if (!isMerged) return method.apply(this.#response, [...args]); // exactly as the app passed them
      // Another middleware's `writeHead` expects an object: `on-headers` appends the items of a list to what is set,
      // and responses of serverless-http take the indices of a list for names. Node's own takes both.
      const isObject = !isList && method !== nodesWriteHead;
      const headers = isMerged ? [] : [isObject ? Object.fromEntries(list.byName()) : list.flat()];
      const send = (): unknown => method.call(this.#response, status, ...reason, ...headers);
      return this.#tap !== undefined && this.#state === 'rewriting' ? this.#tap.duringHead(send) : send();
    } finally {
      // If a middleware below delays the head, headers that are set in the meantime still get our limits.
      if (this.#response.headersSent) this.#hasFinalHeaders = false;
    }
  }

  #finalizeHeaders(fields: HeaderFields): void {
    this.#hasFinalHeaders = false; // what is set here is our own
    this.#contentLength?.onHeaders(fields, this.#response, this.#body?.received ?? 0);
    this.#holder.policy.onHeaders(fields);
    this.#hasFinalHeaders = true;
  }

  /** The writer of a body that is rewritten; undefined for passthrough. Decides if nothing is decided yet. */
  #decideBody(): BodyWriter | undefined {
    if (this.#state === 'undecided') {
      const status = parseStatus(this.#response.statusCode);
      if (this.#response.headersSent) this.#onHeadersSent('passthrough');
      // No middleware below us has run yet, so Content-Encoding describes the app's own bytes.
      else if (status !== undefined) this.#decide(status, this.#readFields(), true);
    }
    return this.#body;
  }

  /** @param isAppsCoding - Content-Encoding describes the app's bytes, not what middleware below makes of them */
  #decide(status: number, fields: HeaderFields, isAppsCoding: boolean): void {
    const coding = parseContentCoding(fields.get('content-encoding'));
    const rewrite = this.#holder.policy.decide(status, fields, coding !== 'unknown' || !isAppsCoding);
    this.#state = rewrite === undefined ? 'passthrough' : 'rewriting';
    if (rewrite === undefined) return;
    const contentLength = new ContentLength(rewrite.keepsLength === true);
    this.#contentLength = contentLength;
    const { sink } = this.#tapBody();
    if (rewrite.body === undefined) return;
    const declared =
      coding === undefined || coding === 'unknown' ? undefined : { coding, isCertain: isAppsCoding };
    if (declared?.isCertain) this.#beginTranscoding(declared.coding);
    this.#body = new BodyWriter(this.#response, sink, rewrite.body, declared, {
      onWholeLength: (bytes) => {
        contentLength.wholeLength = bytes;
      },
      onCorruptBody: () => this.#holder.policy.onCorruptBody(),
      onTranscodingRefused: () => this.#holder.policy.onTranscodingRefused(),
      beginTranscoding: () =>
        declared !== undefined && this.#beginTranscoding(declared.coding) && this.#leaveToTranscoder(),
      endTranscoding: () => this.#endTranscoding(),
    });
  }

  /** As early as the headers are decided: if it may not be, no cache may keep the page. */
  #beginTranscoding({ heldMemory }: ContentCoding): boolean {
    if (this.#giveBack !== undefined) return true;
    const giveBack = this.#holder.policy.beginTranscoding(heldMemory);
    if (giveBack === undefined) return false;
    this.#giveBack = giveBack;
    this.#response.once('close', giveBack);
    return true;
  }

  /** A transcoder hears of the close itself. Node warns of a leak from eleven listeners on, and other middleware has some. */
  #leaveToTranscoder(): true {
    if (this.#giveBack !== undefined) this.#response.off('close', this.#giveBack);
    return true;
  }

  #endTranscoding(): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  #tapBody(): BodyTap {
    if (this.#tap !== undefined) return this.#tap;
    const first = this.#hasEarlier
      ? this.#hooks.bodyHooks
      : { write: this.earlierWrite, end: this.earlierEnd };
    const tap: BodyTap = new BodyTap(this.#response, first, {
      write: (args) => this.#write(args, tap.sink),
      end: (args) => this.#end(args, tap.sink),
      beforeOutput: (chunk) => this.#beforeOutput(chunk, tap),
    });
    this.#tap = tap;
    if (tap.mayBeCachedByTag) this.#unwatchHead = this.#watchHead();
    return tap;
  }

  #write(args: readonly unknown[], sink: OutputSink): unknown {
    const body = isChunk(args[0], args[1]) ? this.#decideBody() : undefined;
    return body === undefined ? sink.write(...args) : this.#writeBody(body, 'write', args);
  }

  #end(args: readonly unknown[], sink: OutputSink): unknown {
    const body = isNoChunk(args[0]) || isChunk(args[0], args[1]) ? this.#decideBody() : undefined;
    return body === undefined ? sink.end(...args) : this.#writeBody(body, 'end', args);
  }

  #writeBody(body: BodyWriter, name: keyof OutputSink, args: readonly unknown[]): unknown {
    const isFirst = body.received === 0;
    try {
      return body[name](args);
    } catch (error) {
      if (isFirst) this.#reset();
      throw error;
    }
  }

  /**
   * Middleware below may read, change or store the headers when it receives the body: they have to be right by then.
   * @returns whether the body is rewritten
   */
  #beforeOutput(chunk: Uint8Array | undefined, tap: BodyTap): boolean {
    if (this.#state !== 'rewriting') return false;
    if (chunk !== undefined) this.#contentLength?.count(chunk);
    if (this.#response.headersSent) return true;
    if (tap.isShared && this.#contentLength?.isOurs)
      this.#contentLength.handOver(this.#readFields(), this.#response);
    if (tap.mayBeCachedByTag || isUnhooked(this.#response, this)) this.finalizeHeadersEarly();
    return true;
  }

  /** On top of a compressor's own `writeHead`, which reads the entity tag before it calls the next one. */
  #watchHead(): () => void {
    return replaceMethod(this.#response, 'writeHead', (previous) => (...args) => {
      const isDone = this.#state === 'passthrough' || this.#hasFinalHeaders;
      const call = isDone ? undefined : readWriteHead(this.#response, args, true);
      if (call === undefined) return previous(...args);
      mergeHeaders(this.#response, this.#setHeader, call);
      this.#decideBody();
      this.finalizeHeadersEarly();
      return previous(call.status, ...call.reason);
    });
  }

  finalizeHeadersEarly(): void {
    if (this.#hasFinalHeaders || this.#response.headersSent) return;
    const status = this.#state === 'undecided' ? parseStatus(this.#response.statusCode) : undefined;
    // Most 304 responses have no content type, so nothing is decided yet; nor is anything about types that are no pages.
    const isDue = status === 304 || this.#holder.policy.limitsOtherTypes;
    if (status !== undefined && isDue) this.#decide(status, this.#readFields(), true);
    if (this.#state !== 'undecided' && this.#changesHeaders) this.#finalizeHeaders(this.#readFields());
  }

  /** Headers are sent. Unhook, unless the body is being rewritten. */
  #onHeadersSent(state: 'passthrough' | 'rewriting'): void {
    this.#state = state;
    if (this.#response.headersSent) this.#changed = []; // there is nothing to undo any more
    this.#holder.policy.onHeadersSent();
    if (state === 'rewriting') return; // its trailers are still to come
    if (this.isOnResponse) this.#hooks.removeFromResponse(this.#response, this.below);
    this.#unwatchHead?.();
    this.#tap?.remove();
    if (this.#hasEarlier) this.#hooks.removeBodyHooks(this.#response, this);
    this.#trailers?.release();
  }
}

const { writeHead: nodesWriteHead } = ServerResponse.prototype as unknown as {
  readonly writeHead: AnyMethod;
};
