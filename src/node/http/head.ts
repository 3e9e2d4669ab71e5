/**
 * The head of one response: every way in which an app sets headers, and what goes out. It asks the policy once what becomes of
 * the response, and keeps the answer; it makes no decision itself. It starts the body (`body.ts`) if that is rewritten.
 *
 * The methods that set headers are hooked at once (`hooks.ts`), below those of any middleware installed later, so that
 * the last word on headers is ours. `write` and `end` are replaced only when a content type is set that may be
 * rewritten, above those of any middleware installed until then: a `compression` installed later receives the page as
 * rewritten.
 *
 * Headers become final in one method, `#settle`. It runs when they are first needed: by Node, which sends them, or earlier by
 * middleware below, which reads or keeps them. It runs again for each header that is set after that.
 *
 * Longer than most files: each rule of a response depends on what has been seen of that response before.
 */

import type { HeaderFields } from '../../http/header-fields.ts';
import type { Decision, RewritePolicy } from '../../http/rewrite-policy.ts';
import { type HeadOfBody, ResponseBody } from './body.ts';
import { type BodyMethods, hasOwnBodyMethods, type OutputSink, watchBody } from './body-methods.ts';
import { parseContentCoding } from './content-coding.ts';
import {
  type HookPosition,
  type Hooks,
  type HookTarget,
  inherits,
  isContentType,
  isUnhooked,
} from './hooks.ts';
import { joinStream, type OnStreamHeaders } from './http2-stream.ts';
import { ServerResponse } from './node-http.ts';
import { type AnyMethod, replaceMethod } from './replaced-methods.ts';
import {
  type AddTrailers,
  type GivenHeader,
  HeaderList,
  ResponseFields,
  Trailers,
} from './response-fields.ts';
import {
  isHttp2,
  mergeHeaders,
  parseStatus,
  readWriteHead,
  type WriteHeadCall,
  watchPushResponses,
  withHeadersVisible,
} from './write-head.ts';

/** What is known of a response that has waited for its head. */
interface WaitedResponse {
  readonly position: HookPosition;
  readonly hasSetHeader: boolean;
  /** The type that was set last, if one of a page has been set since which calls of the inherited `write` and `end` are ours. */
  readonly bodyType: string | undefined;
}

export class ResponseHead implements HookTarget, HeadOfBody {
  readonly #response: ServerResponse;
  readonly #holder: { readonly policy: RewritePolicy };
  readonly #hooks: Hooks;
  #position: HookPosition;
  /** `write` and `end` as they were when the middleware was installed. */
  readonly earlier: OutputSink;
  /** `earlier` has methods of another middleware, not of Node. */
  readonly #hasEarlier: boolean;
  /** Undefined until a content type is set that may be rewritten. */
  #body: ResponseBody | undefined;
  #trailers: Trailers | undefined;
  /** Takes the watch off a body that is not rewritten. */
  #unwatchBody: (() => void) | undefined;
  #unwatchHead: (() => void) | undefined;
  /** False once a content type is set that is never rewritten. */
  #mayBePage = true;
  /** The policy's answer; undefined until it is needed. */
  #decision: Decision | undefined;
  /** Every change to the response's headers, so that it can be undone. */
  #fields: ResponseFields | undefined;
  /** Our changes to the headers are made, and the headers are not sent yet. */
  #isFinal = false;
  #hasSetHeader: boolean;
  readonly #waited: WaitedResponse | undefined;
  /** Headers that were passed to `writeHead`, and that Node has not stored in the response. */
  #unstored: readonly GivenHeader[] | undefined;

  /**
   * Nothing is intercepted before `install`: by then the hooks must be able to find this object.
   * @param holder - its policy may be replaced by another until the headers are sent
   * @param waited - of a response that the middleware was installed on earlier, without a head
   */
  constructor(
    response: ServerResponse,
    holder: { readonly policy: RewritePolicy },
    hooks: Hooks,
    waited?: WaitedResponse,
  ) {
    this.#position = waited?.position ?? hooks.attach(response);
    this.#response = response;
    this.#holder = holder;
    this.#hooks = hooks;
    this.#hasSetHeader = waited?.hasSetHeader === true;
    this.#waited = waited;
    // A response waits only above Node's own methods. By now a later middleware may have put others there.
    const { write, end } = waited === undefined ? response : ServerResponse.prototype;
    this.earlier = { write: write as AnyMethod, end: end as AnyMethod }; // one signature for all overloads
    this.#hasEarlier = waited === undefined && hasOwnBodyMethods(response);
  }

  get position(): HookPosition {
    return this.#position;
  }

  get body(): BodyMethods | undefined {
    return this.#body?.methods;
  }

  get policy(): RewritePolicy {
    return this.#holder.policy;
  }

  /** The headers that the app has sent. */
  get sentFields(): HeaderFields {
    return this.#unstored === undefined
      ? new ResponseFields(this.#response, this.#setHeader)
      : new HeaderList(this.#unstored);
  }

  get #setHeader(): ServerResponse['setHeader'] {
    return this.#position.below.setHeader as ServerResponse['setHeader']; // typed as any method where it is hooked
  }

  get #isRewritten(): boolean {
    return typeof this.#decision === 'object';
  }

  install(): void {
    // Where it has waited they are there, and a later middleware may have put its own methods above them.
    if (this.#position.isOnResponse && this.#position !== this.#waited?.position)
      this.#hooks.installOnResponse(this.#response);
    if (this.#hasEarlier) this.#hooks.installBodyHooks(this.#response, this.earlier);
    if (isHttp2(this.#response)) this.#watchStream();
    if (this.#waited?.bodyType !== undefined) {
      this.#openBody();
      this.#onContentType(this.#waited.bodyType);
    }
    this.recheckContentType(); // an earlier middleware may have set it
  }

  /** Installed again: in the meantime the response may have got another prototype, without the hooks. */
  reinstall(): void {
    const { isOnResponse } = this.#position;
    if (isOnResponse || this.#decision !== undefined || inherits(this.#response, this.#position)) return;
    this.#position = this.#hooks.attach(this.#response);
    this.#body?.methods.own();
    this.install();
  }

  #watchStream(): void {
    const onBypass: OnStreamHeaders = (status, fields) => this.policy.onBypass(status, fields);
    joinStream(this.#response, onBypass, () => this.#body?.isChanged === true);
    watchPushResponses(this.#response, onBypass);
  }

  /** The policy has been replaced. A body that passes through still does: only its limits are decided again. */
  decideLimitsAgain(): void {
    if (this.#decision === 'limit' && !this.#response.headersSent)
      this.#decision = this.policy.decideLimits(this.#response.statusCode, this.readFields());
  }

  /** The policy may have been replaced by one that rewrites other types. */
  recheckContentType(): void {
    const type = this.#decision === undefined ? this.#response.getHeader('content-type') : undefined;
    if (type !== undefined) this.#onContentType(String(type));
  }

  onSetHeader(name: unknown, value: unknown): void {
    this.#hasSetHeader = true;
    if (isContentType(name)) this.#onContentType(String(value));
    // Set by an on-headers listener that runs after ours: apply our limits again.
    else if (this.#isFinal) this.#settle(this.#response.statusCode, this.readFields());
  }

  #onContentType(type: string): void {
    if (this.#decision !== undefined) return;
    this.#mayBePage = this.policy.onContentType(type);
    this.#watchBody(type);
    if (this.#mayBePage) this.#openBody();
  }

  /** Only a body that is not rewritten is watched, and only in development. */
  #watchBody(type: string): void {
    this.#unwatchBody?.();
    const watch = this.policy.watchOf(type);
    this.#unwatchBody = watch && watchBody(this.#response, watch);
  }

  /** Early hints with their links changed. Hints of an unexpected form are left to Node, which refuses them. */
  onEarlyHints(hints: unknown): unknown {
    if (typeof hints !== 'object' || hints === null || !('link' in hints)) return hints;
    const { link } = hints;
    const isList = Array.isArray(link) && link.every((each) => typeof each === 'string');
    return typeof link === 'string' || isList ? { ...hints, link: this.policy.mapEarlyHints(link) } : hints;
  }

  onTrailers(trailers: unknown, add: AddTrailers): unknown {
    if (this.#decision !== undefined && !this.#isRewritten) return add(trailers);
    this.#trailers ??= new Trailers(isHttp2(this.#response));
    return this.#trailers.add(trailers, add);
  }

  onWriteHead(args: readonly unknown[], method: AnyMethod): unknown {
    const sendAsGiven = (): unknown => method.apply(this.#response, [...args]);
    if (this.#isSimple(args)) {
      // Most responses of a site: a type that is never rewritten.
      this.#unstored = args[1] === undefined ? undefined : Object.entries(args[1] as object);
      return this.#sendHead(sendAsGiven);
    }
    const call = readWriteHead(this.#response, args, this.#hasSetHeader);
    if (call === undefined) return sendAsGiven(); // Node refuses it
    this.#unstored = call.isMerged ? undefined : call.given;
    return this.#sendHead(() =>
      this.#isPage(call) || this.#isDue(call.status)
        ? this.#sendSettled(call, sendAsGiven, method)
        : sendAsGiven(),
    );
  }

  #sendHead(send: () => unknown): unknown {
    try {
      const result = send();
      this.#onHeadersSent();
      return result;
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  /** Whether only the content type has to be read of a call before it passes. */
  #isSimple([status, headers, ...more]: readonly unknown[]): boolean {
    if (more.length > 0 || this.#decision !== undefined) return false;
    if (this.policy.mayChangeHeaders(parseStatus(status) ?? 0)) return false;
    if (headers === undefined) return !this.#mayBePage;
    if (typeof headers !== 'object' || headers === null || Array.isArray(headers)) return false;
    if (this.#response.getHeaderNames().length > 0) return false; // one of them may be the type
    let type: unknown = '';
    for (const [name, value] of Object.entries(headers)) if (isContentType(name)) type = value;
    if (typeof type !== 'string' || this.policy.onContentType(type)) return false;
    this.#watchBody(type);
    return true;
  }

  /** Whether a call names the type of a page, and nothing is decided yet. */
  #isPage({ given }: WriteHeadCall): boolean {
    if (this.#decision !== undefined) return false;
    const type =
      new HeaderList(given).list('content-type').at(-1) ?? this.#response.getHeader('content-type');
    const isPage = this.policy.onContentType(type === undefined ? '' : String(type));
    if (type !== undefined && !isPage) this.#watchBody(String(type));
    return isPage;
  }

  /** Whether the headers may have to change, whatever their type. */
  #isDue(status: number): boolean {
    if (this.#decision !== undefined) return this.#decision !== 'pass';
    return this.policy.mayChangeHeaders(status);
  }

  #sendSettled(call: WriteHeadCall, sendAsGiven: () => unknown, method: AnyMethod): unknown {
    const { status, reason, given, isMerged, isList } = call;
    if (isMerged) mergeHeaders(this.#response, this.#setHeader, call, method !== nodesWriteHead);
    else this.#response.statusCode = status;
    const list = new HeaderList(given);
    try {
      const isAppsCoding = this.#body?.mayBeEncodedBelow !== true;
      const isChanged = this.#settle(status, isMerged ? this.readFields() : list, isAppsCoding);
      if (!isChanged && !isMerged) return sendAsGiven();
      // Another middleware's `writeHead` expects an object: `on-headers` appends the items of a list to what is set,
      // and responses of serverless-http take the indices of a list for names. Node's own takes both.
      const isObject = !isList && method !== nodesWriteHead;
      const headers = isMerged ? [] : [isObject ? Object.fromEntries(list.byName()) : list.flat()];
      const send = (): unknown => method.call(this.#response, status, ...reason, ...headers);
      return this.#body !== undefined && this.#isRewritten ? this.#body.duringHead(send) : send();
    } finally {
      // If a middleware below delays the head, headers that are set in the meantime still get our limits.
      if (this.#response.headersSent) this.#isFinal = false;
    }
  }

  /**
   * Makes the headers final, and decides before that if nothing is decided yet.
   * @param fields - those that are set on the response, or those that `writeHead` alone got
   * @param isAppsCoding - `Content-Encoding` describes the app's bytes, not what middleware below makes of them
   * @returns false if they stay as the app has set them
   */
  #settle(status: number, fields: ResponseFields | HeaderList, isAppsCoding = true): boolean {
    this.#decision ??= this.#ask(status, fields, isAppsCoding);
    if (this.#decision === 'pass') return false;
    this.#isFinal = false; // what is set here is our own
    this.#body?.correctLength(fields);
    this.policy.onHeaders(fields);
    this.#isFinal = true;
    return true;
  }

  #ask(status: number, fields: ResponseFields | HeaderList, isAppsCoding: boolean): Decision {
    const coding = parseContentCoding(fields.get('content-encoding'));
    const { policy } = this;
    const ask = (): Decision => policy.decide(status, fields, coding !== 'unknown' || !isAppsCoding);
    const isHidden = fields instanceof HeaderList && policy.readsResponse;
    const decision = isHidden ? withHeadersVisible(this.#response, fields, ask) : ask();
    if (typeof decision === 'string') return decision;
    const isKnown = coding !== undefined && coding !== 'unknown';
    this.#openBody().begin(decision, isKnown ? { coding, isCertain: isAppsCoding } : undefined);
    return decision;
  }

  /** No middleware below us has run yet, so Content-Encoding describes the app's own bytes. */
  decide(): void {
    if (this.#decision !== undefined) return;
    if (this.#response.headersSent) return this.#onHeadersSent();
    const status = parseStatus(this.#response.statusCode);
    if (status !== undefined) this.#decision = this.#ask(status, this.readFields(), true);
  }

  finalizeEarly(): void {
    if (this.#isFinal || this.#response.headersSent) return;
    const status = parseStatus(this.#response.statusCode);
    if (status !== undefined && this.#isDue(status)) this.#settle(status, this.readFields());
  }

  /** A middleware below that has removed our hooks sends headers that we never see. */
  beforeOutput(isTagRead: boolean): void {
    if (isTagRead || isUnhooked(this.#response, this.#position)) this.finalizeEarly();
  }

  readFields(): ResponseFields {
    this.#fields ??= new ResponseFields(this.#response, this.#setHeader);
    return this.#fields;
  }

  #openBody(): ResponseBody {
    if (this.#body !== undefined) return this.#body;
    const first = this.#hasEarlier ? this.#hooks.bodyHooks : this.earlier;
    const isInherited =
      this.#waited?.bodyType !== undefined ||
      (!this.#position.isOnResponse && this.#hooks.inheritsBody(this.#response));
    this.#body = new ResponseBody(this.#response, first, this, isInherited);
    if (this.#body.mayBeCachedByTag) this.#unwatchHead = this.#watchHead();
    return this.#body;
  }

  /** On top of a compressor's own `writeHead`, which reads the entity tag before it calls the next one. */
  #watchHead(): () => void {
    return replaceMethod(this.#response, 'writeHead', (previous) => (...args) => {
      const isDone = this.#isFinal || (this.#decision !== undefined && !this.#isRewritten);
      const call = isDone ? undefined : readWriteHead(this.#response, args, true);
      if (call === undefined) return previous(...args);
      mergeHeaders(this.#response, this.#setHeader, call, true);
      this.#settle(call.status, this.readFields());
      return previous(call.status, ...call.reason);
    });
  }

  /** What the app sends instead, an error page perhaps, is a new decision. */
  reset(): void {
    if (this.#response.headersSent) return;
    this.#fields?.revert();
    this.#decision = undefined;
    this.#isFinal = false;
    this.#body?.cancel();
    this.recheckContentType(); // the type that was set before is still set
  }

  /** Unhook, unless the body is being rewritten. */
  #onHeadersSent(): void {
    this.#decision ??= 'pass';
    if (this.#response.headersSent) this.#fields = undefined; // there is nothing to undo any more
    this.policy.onHeadersSent();
    if (this.#isRewritten) return; // trailers may follow
    const { isOnResponse, below } = this.#position;
    if (isOnResponse) this.#hooks.removeFromResponse(this.#response, below);
    this.#unwatchHead?.();
    this.#body?.remove();
    if (this.#hasEarlier) this.#hooks.removeBodyHooks(this.#response, this.earlier);
    this.#trailers?.release();
  }
}

const { writeHead: nodesWriteHead } = ServerResponse.prototype as unknown as {
  readonly writeHead: AnyMethod;
};
