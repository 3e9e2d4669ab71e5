/**
 * Alone stands between an app and its `ServerResponse`. Bytes go through synchronously: what `write` returns, `drain`,
 * callbacks, `headersSent` and `writableEnded` stay Node's own, but where a body has to be decoded first. It decides
 * nothing itself. Longer than most rooms: each rule of a response hangs on what was seen of it before.
 *
 * The methods that set headers are hooked at once (`hooks.ts`), below whatever is mounted later, so that the last word
 * on headers is ours. `write` and `end` are replaced when a type is set that may be rewritten, above whatever was
 * mounted until then: a `compression` mounted later then compresses what was rewritten.
 */
import { ServerResponse } from 'node:http';
import { isUint8Array } from 'node:util/types';
import { asBuffer } from '../bytes.ts';
import { type HeaderFields, ListFields, ResponseFields } from '../http/header-fields.ts';
import type { Interceptor } from '../http/rewrite-policy.ts';
import { BodyMethods, hasOwnBodyMethods, type Outlet } from './body-methods.ts';
import { BodyOut } from './body-writer.ts';
import { isChunk, isNoChunk } from './chunk.ts';
import { contentCodingOf } from './content-coding.ts';
import { BodyLength } from './content-length.ts';
import {
  type Attachment,
  type HeaderMethods,
  type Hooks,
  type Intercepted,
  inherits,
  isContentType,
  isUnhooked,
} from './hooks.ts';
import { type AnyMethod, replaceMethod } from './replace-method.ts';
import { type AddTrailers, Trailers } from './trailers.ts';
import { asIfSet, isHttp2, mergeHeaders, readWriteHead, statusOf, type WriteHeadCall } from './write-head.ts';

export class Interception implements Intercepted {
  #attachment: Attachment;
  readonly #response: ServerResponse;
  readonly #planned: { readonly plan: Interceptor };
  readonly #hooks: Hooks;
  /** The methods as they were when we came. */
  readonly earlierWrite: AnyMethod;
  readonly earlierEnd: AnyMethod;
  /** They are those of somebody who was there before us. */
  readonly #hasEarlier: boolean;
  #state: 'undecided' | 'let-be' | 'rewriting' = 'undecided';
  /** What of the response's headers we have changed. */
  #changed: ResponseFields[] = [];
  #trailers: Trailers | undefined;
  #bodyMethods: BodyMethods | undefined;
  #unwatchHead: (() => void) | undefined;
  /** The methods below ours; they are told of the headers before they get anything of the body. */
  #below: Outlet | undefined;
  /** Neighbours have methods below ours, and may change the body once more. */
  #isShared = false;
  #body: BodyOut | undefined;
  /** Of a body that is rewritten. */
  #length: BodyLength | undefined;
  /** Somebody has put on a `write` between us and our first one. */
  #hasLaterWrite = false;
  /** Set while whoever put on a `write` between us and our first one may be the one who encodes. */
  #mayBeEncodedBelow = false;
  #hasSet = false;
  /** As long as no type has been seen that says otherwise. */
  #mayBePage = true;
  /** Between our last word on the headers and the moment when they are out. */
  #isLeaving = false;

  /**
   * It sees nothing before `install`, for which the hooks must be able to find it.
   * @param planned - whose plan may become another one as long as the headers are not out
   */
  constructor(response: ServerResponse, planned: { readonly plan: Interceptor }, hooks: Hooks) {
    this.#attachment = hooks.attach(response);
    this.#response = response;
    this.#planned = planned;
    this.#hooks = hooks;
    const { write, end } = response;
    this.earlierWrite = write as AnyMethod; // what it was before it was typed as any method
    this.earlierEnd = end as AnyMethod;
    this.#hasEarlier = hasOwnBodyMethods(response);
  }

  get below(): HeaderMethods {
    return this.#attachment.below;
  }

  get isOwn(): boolean {
    return this.#attachment.isOwn;
  }

  install(): void {
    if (this.isOwn) this.#hooks.own(this.#response);
    if (this.#hasEarlier) this.#hooks.ownBody(this.#response, this);
    this.reconsider(); // the type may be there: set by a middleware before us
  }

  /** Mounted again: somebody may have changed what the response inherits from, and taken the hooks away. */
  reinstall(): void {
    if (this.isOwn || this.#state !== 'undecided' || inherits(this.#response, this.#attachment)) return;
    this.#attachment = this.#hooks.attach(this.#response);
    this.install();
  }

  /** The interceptor has changed its mind about types. */
  reconsider(): void {
    const type = this.#state === 'undecided' ? this.#response.getHeader('content-type') : undefined;
    if (type !== undefined) this.#typeSet(String(type));
  }

  headerSet(name: unknown, value: unknown): void {
    this.#hasSet = true;
    if (isContentType(name)) this.#typeSet(String(value));
    // By whoever hears of the headers after us, such as a listener of on-headers that was there before.
    else if (this.#isLeaving) this.#leave(this.#readFields());
  }

  #typeSet(type: string): void {
    if (this.#state !== 'undecided') return;
    this.#mayBePage = this.#planned.plan.typeSet(type);
    if (this.#mayBePage) this.#watchBody();
  }

  /** Hints with their links changed; anything else is Node's to refuse. */
  hint(hints: unknown): unknown {
    if (typeof hints !== 'object' || hints === null || !('link' in hints)) return hints;
    const { link } = hints;
    const isList = Array.isArray(link) && link.every((each) => typeof each === 'string');
    return typeof link === 'string' || isList ? { ...hints, link: this.#planned.plan.hint(link) } : hints;
  }

  trailersAdded(trailers: unknown, add: AddTrailers): unknown {
    if (this.#state === 'let-be') return add(trailers);
    this.#trailers ??= new Trailers(isHttp2(this.#response));
    return this.#trailers.add(trailers, add);
  }

  writeHead(args: readonly unknown[], method: AnyMethod): unknown {
    const isPlain =
      args.length === 1 && statusOf(args[0]) !== 304 && this.#state === 'undecided' && !this.#mayBePage;
    if (isPlain) {
      // Most responses of a site: nothing is given, and their type has been seen.
      const answer = method.call(this.#response, args[0]);
      this.#finish('let-be');
      return answer;
    }
    const call = readWriteHead(this.#response, args, this.#hasSet);
    if (call === undefined) return method.apply(this.#response, [...args]); // Node refuses it
    try {
      const answer = this.#mayRewrite(call)
        ? this.#writeChanged(call, args, method)
        : method.apply(this.#response, [...args]);
      this.#finish(this.#state === 'rewriting' ? 'rewriting' : 'let-be');
      return answer;
    } catch (error) {
      this.#startAnew();
      throw error;
    }
  }

  /** Node refuses what was to go out: what the app sends instead is decided anew. */
  #startAnew(): void {
    if (this.#response.headersSent) return;
    for (const fields of this.#changed.splice(0).reverse()) fields.revert();
    this.#state = 'undecided';
    this.#isLeaving = false;
    this.#body = undefined;
    this.reconsider(); // a type that came before the fault stays
  }

  #mayRewrite({ status, given }: WriteHeadCall): boolean {
    if (this.#state !== 'undecided') return this.#state === 'rewriting';
    const type =
      new ListFields(given).list('content-type').at(-1) ?? this.#response.getHeader('content-type');
    return this.#planned.plan.typeSet(type === undefined ? '' : String(type)) || status === 304;
  }

  #readFields(): ResponseFields {
    const fields = new ResponseFields(this.#response, this.#setHeader);
    this.#changed.push(fields);
    return fields;
  }

  get #setHeader(): ServerResponse['setHeader'] {
    return this.below.setHeader as ServerResponse['setHeader']; // what it was before it was typed as any method
  }

  #writeChanged(call: WriteHeadCall, args: readonly unknown[], method: AnyMethod): unknown {
    const { status, reason, given, isOnTop, isList } = call;
    const wasUndecided = this.#state === 'undecided';
    if (isOnTop) mergeHeaders(this.#response, this.#setHeader, call);
    else this.#response.statusCode = status;
    const list = new ListFields(given);
    const fields = isOnTop ? this.#readFields() : list;
    try {
      const decide = (): void => this.#decide(status, fields, !this.#mayBeEncodedBelow);
      if (wasUndecided && !isOnTop && this.#planned.plan.looksAtResponse)
        asIfSet(this.#response, list, decide);
      else if (wasUndecided) decide();
      if (this.#state === 'rewriting') this.#leave(fields);
      else if (!isOnTop) return method.apply(this.#response, [...args]); // in the very form that it came in
      // A neighbour's takes an object apart, and expects one: `on-headers` appends what stands in a list to what it has
      // made us set, and the responses of serverless-http take the indices of a list for names.
      const isObject = !isList && method !== nodesWriteHead;
      const headers = isOnTop ? [] : [isObject ? Object.fromEntries(list.byName()) : list.flat()];
      const send = (): unknown => method.call(this.#response, status, ...reason, ...headers);
      if (this.#bodyMethods === undefined || this.#state !== 'rewriting') return send();
      this.#bodyMethods.restore(); // a neighbour above may have taken them off with its own, before it called us
      return this.#bodyMethods.keepDuring(send);
    } finally {
      // A neighbour below may keep the head back: what is set meanwhile is still changed.
      if (this.#response.headersSent) this.#isLeaving = false;
    }
  }

  #leave(fields: HeaderFields): void {
    this.#isLeaving = false; // what is set now is our own
    this.#length?.leave(fields, this.#response, this.#body?.received ?? 0);
    this.#planned.plan.leaving(fields);
    this.#isLeaving = true;
  }

  #decidedBody(): BodyOut | undefined {
    if (this.#state === 'undecided') {
      const status = statusOf(this.#response.statusCode);
      if (this.#response.headersSent) this.#finish('let-be');
      // Nobody below has had a say yet: whatever the body is in, the app says so.
      else if (status !== undefined) this.#decide(status, this.#readFields(), true);
    }
    return this.#body;
  }

  /** @param isAppsCoding - the header names what the body is in, not what somebody below will put it in */
  #decide(status: number, fields: HeaderFields, isAppsCoding: boolean): void {
    const coding = contentCodingOf(fields.get('content-encoding'));
    const rewrite = this.#planned.plan.decide(status, fields, coding !== 'unknown' || !isAppsCoding);
    this.#state = rewrite === undefined ? 'let-be' : 'rewriting';
    if (rewrite === undefined) return;
    const length = new BodyLength(rewrite.keepsLength === true);
    this.#length = length;
    const outlet = this.#watchBody();
    if (rewrite.body === undefined) return;
    const given =
      coding === undefined || coding === 'unknown' ? undefined : { coding, isCertain: isAppsCoding };
    this.#body = new BodyOut(this.#response, outlet, rewrite.body, given, {
      length: (bytes) => {
        length.whole = bytes;
      },
      corrupt: () => this.#planned.plan.corrupt(),
    });
  }

  #watchBody(): Outlet {
    if (this.#below !== undefined) return this.#below;
    // To see whether somebody has put on others since.
    const first = this.#hasEarlier ? this.#hooks.body : { write: this.earlierWrite, end: this.earlierEnd };
    this.#hasLaterWrite = this.#response.write !== first.write;
    this.#mayBeEncodedBelow =
      this.#hasLaterWrite &&
      contentCodingOf(String(this.#response.getHeader('content-encoding') ?? '')) === undefined;
    this.#isShared = hasOwnBodyMethods(this.#response);
    if (this.#mayBeKeptByTag) this.#unwatchHead = this.#watchHead();
    const replacements = {
      write: (args: readonly unknown[]) => this.#write(args, below),
      end: (args: readonly unknown[]) => this.#end(args, below),
    };
    this.#bodyMethods = new BodyMethods(this.#response, replacements, first);
    const { outlet } = this.#bodyMethods;
    const below: Outlet = {
      write: (...args) => outlet.write(...this.#handDown(args)),
      end: (...args) => outlet.end(...this.#handDown(args)),
    };
    this.#below = below;
    return below;
  }

  #write(args: readonly unknown[], below: Outlet): unknown {
    const body = isChunk(args[0], args[1]) ? this.#decidedBody() : undefined;
    return body === undefined ? below.write(...args) : this.#give(body, 'write', args);
  }

  #end(args: readonly unknown[], below: Outlet): unknown {
    const body = isNoChunk(args[0]) || isChunk(args[0], args[1]) ? this.#decidedBody() : undefined;
    return body === undefined ? below.end(...args) : this.#give(body, 'end', args);
  }

  #give(body: BodyOut, name: keyof Outlet, args: readonly unknown[]): unknown {
    const isFirst = body.received === 0;
    try {
      return body[name](args);
    } catch (error) {
      if (isFirst) this.#startAnew();
      throw error;
    }
  }

  /** The body goes to the methods below: what these read and change of the headers has to be right by then. */
  #handDown(args: unknown[]): unknown[] {
    if (this.#state !== 'rewriting') return args;
    const [chunk, ...rest] = args;
    if (isUint8Array(chunk)) this.#length?.count(chunk);
    if (!this.#response.headersSent) {
      if (this.#isShared && this.#length?.isOurs) this.#length.handOver(this.#readFields(), this.#response);
      if (this.#mayBeKeptByTag || isUnhooked(this.#response, this)) this.leaveEarly();
    }
    if (!isUint8Array(chunk)) return args;
    return [asBuffer(chunk), ...rest]; // other bytes are no chunk to many a neighbour
  }

  /**
   * A coder below may keep what it has encoded, under the tag, and send that in the place of what it is given: it has to
   * see the tag of a page with these tokens, if there is one. Coders are known by the `flush` that they give a response.
   */
  get #mayBeKeptByTag(): boolean {
    const { flush } = this.#response as { readonly flush?: unknown };
    return flush !== undefined && this.#hasLaterWrite;
  }

  /** Above that of a coder, which reads the tag before it hands on. */
  #watchHead(): () => void {
    return replaceMethod(this.#response, 'writeHead', (previous) => (...args) => {
      const isDone = this.#state === 'let-be' || this.#isLeaving;
      const call = isDone ? undefined : readWriteHead(this.#response, args, true);
      if (call === undefined) return previous(...args);
      mergeHeaders(this.#response, this.#setHeader, call);
      this.#decidedBody();
      this.leaveEarly();
      return previous(call.status, ...call.reason);
    });
  }

  /** A cache that was there before us keeps the headers as it finds them when it gets the body. */
  leaveEarly(): void {
    if (this.#isLeaving || this.#response.headersSent) return;
    // A 304 most often names no type, and nobody has decided yet.
    const isUndecided = this.#state === 'undecided' && this.#response.statusCode === 304;
    if (isUndecided) this.#decide(304, this.#readFields(), true);
    if (this.#state === 'rewriting') this.#leave(this.#readFields());
  }

  /** The headers are out: they are no more our business, and nor is a body that is let be. */
  #finish(state: 'let-be' | 'rewriting'): void {
    this.#state = state;
    this.#planned.plan.settled();
    if (state !== 'let-be') return; // its trailers are still to come
    if (this.isOwn) this.#hooks.disown(this.#response, this.below);
    this.#unwatchHead?.();
    this.#bodyMethods?.undo();
    if (this.#hasEarlier) this.#hooks.disownBody(this.#response, this);
    this.#trailers?.release();
  }
}

const { writeHead: nodesWriteHead } = ServerResponse.prototype as unknown as {
  readonly writeHead: AnyMethod;
};
