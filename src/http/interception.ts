/**
 * Alone stands between an app and its `ServerResponse`. Bytes go through synchronously: what `write` returns, `drain`,
 * callbacks, `headersSent` and `writableEnded` stay Node's own, but where a body has to be decoded first. It decides
 * nothing itself.
 *
 * The methods that set headers are hooked at once (`hooks.ts`), below whatever is mounted later, so that the last word
 * on headers is ours. `write` and `end` are replaced when a type is set that may be rewritten, above whatever was
 * mounted until then: a `compression` mounted later then compresses what was rewritten.
 */
import type { ServerResponse } from 'node:http';
import { type BodyMethods, type Outlet, replaceBodyMethods, type State } from './body-methods.ts';
import { BodyOut } from './body-out.ts';
import type { BodyTransform } from './body-transform.ts';
import { contentCodingOf } from './coding.ts';
import { fieldsWith, type HeaderFields, ResponseFields } from './header-fields.ts';
import { type HeaderMethods, type Hooks, type Intercepted, isContentType } from './hooks.ts';
import type { AnyMethod } from './replace-method.ts';
import { mergeHeaders, readWriteHead, saveHeaders, statusOf, type WriteHeadCall } from './write-head.ts';

/** What goes out instead of what the app has written. */
export interface Rewrite {
  /** Undefined for a response without a body of its own, such as that to HEAD. */
  readonly body: BodyTransform | undefined;
}

/** Who decides. */
export interface Interceptor {
  /** A `Content-Type` is set while the headers may still change: may this response be rewritten? */
  typeSet(type: string): boolean;
  /**
   * Asked once, before the first byte goes out.
   * @param isReadable - the bytes that the app hands over are not encoded, or in a way that can be undone
   * @returns undefined to let the response be
   */
  decide(status: number, fields: HeaderFields, isReadable: boolean): Rewrite | undefined;
  /** The headers of a response that is rewritten leave: the last chance to change them. Again, where one is set after. */
  leaving(fields: HeaderFields): void;
  /** The headers are out, or the response is let be. */
  settled(): void;
  /** Early hints leave. */
  hint(links: string | string[]): string | string[];
  /** The body cannot be decoded, and passes as it came, or breaks off. */
  corrupt(): void;
}

export class Interception implements Intercepted {
  readonly below: HeaderMethods;
  readonly isOwn: boolean;
  readonly #response: ServerResponse;
  readonly #interceptor: () => Interceptor;
  readonly #hooks: Hooks;
  readonly #fields: HeaderFields;
  /** `write` as it was when we came, to see whether somebody has put on another one since. */
  readonly #firstWrite: ServerResponse['write'];
  #state: State = 'undecided';
  #bodyMethods: BodyMethods | undefined;
  #body: BodyOut | undefined;
  /** Set while whoever put on a `write` between us and our first one may be the one who encodes. */
  #mayBeEncodedBelow = false;
  #hadLength = false;
  /** Between our last word on the headers and the moment when they are out. */
  #isLeaving = false;

  /**
   * It sees nothing before `install`, for which the hooks must be able to find it.
   * @param interceptor - the one that holds now
   */
  constructor(response: ServerResponse, interceptor: () => Interceptor, hooks: Hooks) {
    const { below, isOwn } = hooks.attach(response);
    this.below = below;
    this.isOwn = isOwn;
    this.#response = response;
    this.#interceptor = interceptor;
    this.#hooks = hooks;
    this.#fields = new ResponseFields(response, below.setHeader);
    this.#firstWrite = response.write;
  }

  install(): void {
    if (this.isOwn) this.#hooks.own(this.#response);
    this.reconsider(); // the type may be there: set by a middleware before us
  }

  /** The interceptor has changed its mind about types. */
  reconsider(): void {
    const type = this.#state === 'undecided' ? this.#fields.get('content-type') : undefined;
    if (type !== undefined) this.#typeSet(type);
  }

  headerSet(name: unknown, value: unknown): void {
    if (isContentType(name)) this.#typeSet(String(value));
    // By whoever hears of the headers after us, such as a listener of on-headers that was there before.
    else if (this.#isLeaving) this.#leave();
  }

  #typeSet(type: string): void {
    if (this.#state === 'undecided' && this.#interceptor().typeSet(type)) this.#watchBody();
  }

  /** Hints with their links changed; anything else is Node's to refuse. */
  hint(hints: unknown): unknown {
    if (typeof hints !== 'object' || hints === null || !('link' in hints)) return hints;
    const { link } = hints;
    const isList = Array.isArray(link) && link.every((each) => typeof each === 'string');
    return typeof link === 'string' || isList ? { ...hints, link: this.#interceptor().hint(link) } : hints;
  }

  writeHead(args: readonly unknown[], method: AnyMethod): unknown {
    const call = readWriteHead(this.#response, args);
    if (call === undefined) return method.apply(this.#response, [...args]); // Node refuses it
    const fields = fieldsWith(this.#fields, call.given);
    const isUndecided = this.#state === 'undecided';
    const isRewrittenType = isUndecided && this.#interceptor().typeSet(fields.get('content-type') ?? '');
    const mayRewrite = isUndecided ? isRewrittenType || call.status === 304 : this.#state === 'rewriting';
    const answer = mayRewrite
      ? this.#writeMerged(call, fields, method)
      : method.apply(this.#response, [...args]);
    this.#finish(this.#state === 'rewriting' ? 'rewriting' : 'let-be');
    return answer;
  }

  #writeMerged(call: WriteHeadCall, fields: HeaderFields, method: AnyMethod): unknown {
    const { status, reason, given } = call;
    const restore = saveHeaders(this.#response, this.below.setHeader);
    try {
      // Before `skip` is asked: it sees the response as it leaves.
      mergeHeaders(this.#response, this.below.setHeader, given);
      this.#response.statusCode = status;
      if (this.#state === 'undecided') this.#decide(status, fields, !this.#mayBeEncodedBelow);
      if (this.#state === 'rewriting') this.#leave();
      return method.call(this.#response, status, ...reason);
    } catch (error) {
      if (!this.#response.headersSent) {
        // A header that Node refuses: what the app sends instead is decided anew.
        restore();
        this.#state = 'undecided';
        this.#body = undefined;
      }
      throw error;
    } finally {
      this.#isLeaving = false;
    }
  }

  #leave(): void {
    this.#isLeaving = false; // what is set now is our own
    this.#interceptor().leaving(this.#fields);
    this.#isLeaving = true;
  }

  #decideHere(): void {
    if (this.#state !== 'undecided') return;
    const status = statusOf(this.#response.statusCode);
    if (this.#response.headersSent) this.#finish('let-be');
    // Nobody below has had a say yet: whatever the body is in, the app says so.
    else if (status !== undefined) this.#decide(status, this.#fields, true);
  }

  /** @param isAppsCoding - the header names what the body is in, not what somebody below will put it in */
  #decide(status: number, fields: HeaderFields, isAppsCoding: boolean): void {
    const coding = contentCodingOf(fields.get('content-encoding'));
    const rewrite = this.#interceptor().decide(status, fields, coding !== 'unknown' || !isAppsCoding);
    this.#state = rewrite === undefined ? 'let-be' : 'rewriting';
    if (rewrite === undefined) return;
    this.#hadLength = this.#fields.get('content-length') !== undefined;
    this.#fields.remove('Content-Length');
    const outlet = this.#watchBody();
    if (rewrite.body === undefined) return;
    const given =
      coding === undefined || coding === 'unknown' ? undefined : { coding, isCertain: isAppsCoding };
    this.#body = new BodyOut(this.#response, outlet, rewrite.body, given, {
      length: (bytes) => this.#setLength(bytes),
      corrupt: () => this.#interceptor().corrupt(),
    });
  }

  /** The whole body is there before the headers are: its length is known, unless the framing says otherwise. */
  #setLength(length: number): void {
    const isFramed = this.#response.hasHeader('transfer-encoding') || this.#response.hasHeader('trailer');
    if (this.#hadLength && !this.#response.headersSent && !isFramed)
      this.#fields.set('Content-Length', String(length));
  }

  #watchBody(): Outlet {
    if (this.#bodyMethods !== undefined) return this.#bodyMethods.outlet;
    this.#mayBeEncodedBelow =
      this.#response.write !== this.#firstWrite &&
      contentCodingOf(this.#fields.get('content-encoding')) === undefined;
    const methods = replaceBodyMethods(
      this.#response,
      (args) => {
        this.#decideHere();
        return this.#body === undefined ? methods.outlet.write(...args) : this.#body.write(args);
      },
      (args) => {
        this.#decideHere();
        return this.#body === undefined ? methods.outlet.end(...args) : this.#body.end(args);
      },
      () => this.#state,
    );
    this.#bodyMethods = methods;
    return methods.outlet;
  }

  /** The headers are out: they are no more our business, and nor is a body that is let be. */
  #finish(state: 'let-be' | 'rewriting'): void {
    this.#state = state;
    this.#interceptor().settled();
    if (this.isOwn) this.#hooks.disown(this.#response, this.below);
    if (state === 'let-be') this.#bodyMethods?.letBe();
  }
}
