/**
 * Intercepts one response. The app and later middleware call our methods; we sign the body, settle the headers, and call the methods
 * below: those of earlier middleware, and Node's own. A page takes this way:
 *
 * 1. The middleware creates one `Outgoing` per response. It replaces `writeHead`, `write`, `end` and `writeEarlyHints`, as the
 *    packages on-headers and compression do.
 * 2. The first `writeHead`, `write` or `end` asks `concerns`. If the answer is no, this call and all later ones go straight below.
 * 3. If it is yes, `decide` runs once per head. It runs again for an error page that follows a head which Node has refused.
 * 4. If `end` comes first, the page is whole; otherwise it streams. Every call passes its bytes through one transform and sends the
 *    result synchronously. Only encoded bodies are sent later (`encoded-body.ts`).
 * 5. The headers are settled when they are sent, or before another middleware gets the first byte, since it may store both. Settling
 *    is idempotent, so listeners below may set more headers in between.
 *
 * Longer than most files: these calls depend on each other (docs/project/decisions/0004-interception.md).
 */
import { type HeaderFields, isRepresentationMetadata } from '../../http/header-fields.ts';
import type { BodyWatch, Decision, RewritePolicy } from '../../http/rewrite-policy.ts';
import { type BodyTransform, endAsBytes } from '../../text/body-transform.ts';
import { asBuffer } from '../../text/bytes.ts';
import {
  type AnyMethod,
  callbackOf,
  isChunk,
  isNoChunk,
  isText,
  type OutputSink,
  toBytes,
} from './body-arguments.ts';
import { flushingAlways, parseContentCoding } from './content-coding.ts';
import { EncodedBody } from './encoded-body.ts';
import { type HookName, type HookPosition, type HookTarget, hook, nodes } from './hooks.ts';
import type { ServerResponse } from './node-http.ts';
import { onResponse } from './response-events.ts';
import {
  type FieldsCopy,
  fieldsOf,
  hasSentHead,
  ResponseFields,
  withoutMetadata,
} from './response-fields.ts';
import {
  afterEachHeader,
  mergeHeaders,
  parseStatus,
  readWriteHead,
  typeIn,
  uncorkBeforeEnd,
  type WriteHeadCall,
} from './write-head.ts';

/** What `Outgoing` asks about its response. */
export interface Sender {
  readonly policy: RewritePolicy;
  /** False for most responses of a site: then the policy, which is created on first access, has nothing to decide. */
  concerns(status: number, type: string): boolean;
  /** Asks the policy, unless a framework has already decided about this body. */
  decide(status: number, fields: HeaderFields, isReadable: boolean): Decision;
  /** The bytes of a text that a framework sends, if they are known. */
  bytesOf(text: string): Buffer | undefined;
  /** Watches the body of a response that passes; undefined in production, and if nobody listens. */
  watchOf(type: string): BodyWatch | undefined;
  /** The request has conditions, which must change as soon as the app sets the type of a page. */
  readonly isConditional: boolean;
  /** Middleware above ours has encoded the page. */
  onEncodedAbove(): void;
  /** The page has ended below us; this many bytes were lost. */
  onInterrupted(bytes: number): void;
}

/** In bytes. */
const shortText = 4_096;

type Methods = Record<'writeHead' | 'write' | 'end' | 'setHeader' | 'setTrailer', AnyMethod>;

export class Outgoing implements HookTarget {
  readonly #response: ServerResponse;
  readonly #sender: Sender;
  readonly #position: HookPosition;
  readonly isInherited: boolean;
  readonly #setHeader: AnyMethod;
  readonly #fields: ResponseFields;
  #watchesType = false;
  /** Undefined until the first call needs it. */
  #decision: Decision | undefined;
  /** Makes the new body; undefined for HEAD, and unless the response is a page. */
  #content: BodyTransform | EncodedBody | undefined;
  /** How long the new body is so far; `NaN` once a part of it goes past us. */
  #length = 0;
  /** `Content-Length` as the app has set it. */
  #appsLength: string | undefined;
  /** The headers as they were before they were settled, by their names in lower case. */
  #before: FieldsCopy | undefined;
  /** The whole body is below, where another middleware may set the length of what it makes of it. */
  #isEndBelow = false;
  /** A method below is running: what it calls has already passed through here. */
  #isBelow = false;
  /** `write` of the response, as it was when a call went below. */
  #top: AnyMethod | undefined;
  #hasEnded = false;
  /** A chunk was not UTF-8 text, and part of it may be held back. */
  #hasBytes = false;
  #watchesEnd = false;
  /** The headers of a passed response that only `writeHead` received. */
  #given: WriteHeadCall['given'] | undefined;
  #watch: BodyWatch | undefined;
  /** Trailers that the app added before anything was decided. */
  #trailers: readonly unknown[] | undefined;

  constructor(response: ServerResponse, sender: Sender) {
    this.#response = response;
    this.#sender = sender;
    this.#position = hook(response);
    this.isInherited = this.#position.isInherited;
    this.#setHeader = (response as unknown as Methods).setHeader;
    this.#fields = new ResponseFields(response, response.setHeader);
    if (sender.isConditional) this.watchType();
  }

  /** For a conditional request, reports every type that the app sets to the policy. */
  watchType(): void {
    const type = this.#decision === undefined ? this.#response.getHeader('content-type') : undefined;
    if (type !== undefined) this.#sender.policy.onContentType(String(type));
    if (this.#watchesType) return;
    this.#watchesType = true;
    const setHeader = (name: unknown, value: unknown): unknown => {
      const result = this.#setHeader.call(this.#response, name, value);
      if (this.#decision === undefined && typeof name === 'string' && name.toLowerCase() === 'content-type')
        this.#sender.policy.onContentType(String(value));
      return result;
    };
    (this.#response as unknown as Methods).setHeader = setHeader;
  }

  /** The headers as they are set, or as they were sent. */
  get fields(): HeaderFields {
    return this.#given === undefined ? this.#fields : fieldsOf(this.#given);
  }

  /** The policy has been replaced. A body that passes still passes: only its limits are decided again. */
  decideLimitsAgain(): void {
    if (this.#decision === 'limit' && !hasSentHead(this.#response))
      this.#decision = this.#sender.policy.decideLimits(this.#response.statusCode, this.#fields);
  }

  // The head

  onWriteHead(args: readonly unknown[]): unknown {
    const isAboveNodes = this.#position.below('writeHead') === nodes.writeHead;
    const call = this.#decision === 'pass' ? undefined : readWriteHead(this.#response, args, isAboveNodes);
    if (call === undefined) return this.#call('writeHead', args); // passed, or Node refuses it
    const type = String(typeIn(call) ?? this.#response.getHeader('content-type') ?? '');
    if (this.#decision === undefined && !this.#sender.concerns(call.status, type)) this.#pass(type);
    try {
      if (this.#decision === 'pass') {
        if (this.#response.getHeaderNames().length === 0) this.#given = call.given;
        return this.#call('writeHead', args);
      }
      return this.#sendHead(call, args, isAboveNodes);
    } catch (error) {
      this.#startAgain();
      throw error;
    }
  }

  /** Sets the headers of a page on the response, whatever form they came in, so that one place settles them. */
  #sendHead(call: WriteHeadCall, args: readonly unknown[], isAboveNodes: boolean): unknown {
    const { status, reason, given } = call;
    const { policy } = this.#sender;
    const isFirst = given.length > 0 && this.#response.getHeaderNames().length === 0;
    if (isFirst) this.#before = new Map();
    // Node gets the original arguments of a passed response, unless `skip` reads the response to decide.
    const isAsked = isFirst && !policy.readsResponse && this.#decision === undefined;
    if (isAsked) this.#ask(status, fieldsOf(given));
    if (this.#decision === 'pass') return this.#call('writeHead', args);
    mergeHeaders(this.#response, this.#setHeader as ServerResponse['setHeader'], call, isAboveNodes);
    if (this.#decision === undefined) this.#ask(status, this.#fields);
    const send = (): unknown => this.#call('writeHead', [status, ...reason]);
    if ((this.#decision as Decision) === 'pass') return send();
    this.#settle();
    if (this.#content !== undefined && !this.#hasEnded) this.#watchEnd(this.#content);
    // Listeners of middleware below run after this, and may set more headers.
    const result = isAboveNodes ? send() : afterEachHeader(this.#response, () => this.#settle(), send);
    policy.onHeadersSent();
    return result;
  }

  #ask(status: number, fields: HeaderFields): void {
    const { policy } = this.#sender;
    const type = fields.get('content-type');
    if (type !== undefined) policy.onContentType(type);
    const encoding = fields.get('content-encoding');
    const coding = encoding === undefined ? undefined : parseContentCoding(encoding);
    this.#appsLength = fields.get('Content-Length');
    this.#decision = 'pass'; // a response that the app sends from within `skip` passes
    const decision = this.#sender.decide(status, fields, coding !== 'unknown');
    if (hasSentHead(this.#response)) return;
    this.#decision = decision;
    if (decision === 'pass') this.#pass(type ?? '');
    if (typeof this.#decision === 'string') return;
    const { body, flushes, keepsLength } = this.#decision;
    this.#content = body;
    if (keepsLength) return;
    this.#limitTrailers();
    if (body === undefined || coding === undefined || coding === 'unknown') return;
    const { write, end } = this.#response as unknown as Methods;
    const { hooks } = this.#position;
    if (write !== hooks['write'] || end !== hooks['end']) this.#sender.onEncodedAbove();
    const sink: OutputSink = {
      write: (...args) => this.#send('write', args),
      end: (...args) => this.#send('end', args),
    };
    const used = flushes ? flushingAlways(coding) : coding;
    this.#content = new EncodedBody(this.#response, sink, body, used, this.#sender);
  }

  /** Idempotent: limits and bound tags do not change when it runs again. */
  #settle(): void {
    // Keep a copy to restore. Without methods below and trailers, Node hardly ever refuses headers that are set.
    if (this.#isShared || this.#fields.get('Trailer') !== undefined) this.#before ??= this.#fields.copy();
    const decision = this.#decision as Exclude<Decision, 'pass'>;
    // A method below may have removed the length of the app, or set its own.
    const length = this.#fields.get('Content-Length');
    const isFromAbove = length === this.#appsLength || (length !== undefined && !this.#isEndBelow);
    if (typeof decision === 'object' && !decision.keepsLength && isFromAbove) this.#setLength();
    this.#sender.policy.onHeaders(this.#fields);
  }

  /** A length must not be sent with `Transfer-Encoding` (RFC 9112, 6.2), which trailers need in HTTP/1.1. */
  #setLength(): void {
    const fields = this.#fields;
    const isFramed = fields.get('Transfer-Encoding') !== undefined || fields.get('Trailer') !== undefined;
    // Remove it even if it is not set: Node then adds none, such as the length of the app's bytes.
    const isUnsure = this.#appsLength === undefined && this.#isShared; // methods below may split a whole page
    const isKnown = this.#hasEnded && !Number.isNaN(this.#length);
    if (!isKnown || isFramed || isUnsure) this.#response.removeHeader('Content-Length');
    else if (this.#appsLength !== undefined) fields.set('Content-Length', String(this.#length));
  }

  /** Node has refused the headers: decide again about what the app sends instead, such as an error page. */
  #startAgain(): void {
    if (hasSentHead(this.#response)) return;
    if (this.#before !== undefined) this.#fields.putBack(this.#before);
    this.#before = undefined;
    this.#sender.policy.onHeadersRefused();
    if (this.#content instanceof EncodedBody) this.#content.free();
    this.#decision = undefined;
    this.#content = undefined;
    this.#length = 0;
    this.#isEndBelow = false;
    this.#hasEnded = false;
    this.#hasBytes = false;
    this.#watchesEnd = false;
    this.#given = undefined;
    this.#watch = undefined;
  }

  /** Passes hints of an unexpected form to Node, which refuses them. */
  onEarlyHints([hints, ...rest]: readonly unknown[]): unknown {
    const { link } = Object(hints) as { readonly link?: unknown };
    const isList = Array.isArray(link) && link.every((each) => typeof each === 'string');
    if (typeof link !== 'string' && !isList) return this.#call('writeEarlyHints', [hints, ...rest]);
    const signed = { ...(hints as object), link: this.#sender.policy.mapEarlyHints(link) };
    return this.#call('writeEarlyHints', [signed, ...rest]);
  }

  /** Digests of the app's bytes must not follow a rewritten body. */
  onTrailers(args: readonly unknown[]): unknown {
    if (typeof this.#decision === 'object') return this.#call('addTrailers', [withoutMetadata(args[0])]);
    this.#trailers = undefined; // Node forgets earlier trailers even if it refuses these
    const result = this.#call('addTrailers', args);
    if (this.#decision === undefined) this.#trailers = args;
    return result;
  }

  /** Adds the app's earlier trailers again, without digests: in HTTP/1.1 the second call replaces the first. */
  #limitTrailers(): void {
    const given = this.#trailers?.[0];
    if (withoutMetadata(given) !== given) this.onTrailers([given]);
    const methods = this.#response as unknown as Methods;
    const { setTrailer } = methods;
    if (setTrailer === undefined) return; // only HTTP/2 has it
    methods.setTrailer = (name, value) => {
      if (!isRepresentationMetadata(name)) setTrailer.call(this.#response, name, value);
    };
  }

  // The body

  onBody(name: 'write' | 'end', args: readonly unknown[]): unknown {
    if (this.#isBelow || this.#hasPassed) return this.#call(name, args);
    const [chunk, encoding] = args;
    const isAccepted = isChunk(chunk, encoding) || (name === 'end' && isNoChunk(chunk));
    if (isAccepted && this.#decision === undefined) this.#decide();
    if (!isAccepted || this.#decision === undefined) return this.#call(name, args);
    if (this.#hasPassed) return this.#passOn(name, args);
    if (this.#watch !== undefined) {
      this.#watch.write(toBytes(chunk, encoding));
      if (name === 'end') this.#watch.end();
    }
    if (this.#content !== undefined && !this.#isOver) return this.#transform(name, args);
    const bytes = isText(chunk, encoding) && !this.#isShared ? this.#sender.bytesOf(chunk) : undefined;
    if (bytes !== undefined) return this.#send(name, [bytes, ...args.slice(1)]);
    // For HEAD, Node would otherwise derive a length from the chunk.
    const isLeftOut = name === 'end' && typeof this.#decision === 'object' && !this.#decision.keepsLength;
    return this.#send(
      name,
      isLeftOut && !isNoChunk(chunk) && !this.#isOver ? [undefined, ...args.slice(1)] : args,
    );
  }

  /** Node may refuse the implicit head: what the app sends instead is then decided again. */
  #passOn(name: 'write' | 'end', args: readonly unknown[]): unknown {
    try {
      return this.#call(name, args);
    } catch (error) {
      this.#startAgain();
      throw error;
    }
  }

  #transform(name: 'write' | 'end', args: readonly unknown[]): unknown {
    const content = this.#content!;
    const [chunk, encoding] = args;
    const callback = callbackOf(args);
    const isFirst = !hasSentHead(this.#response);
    this.#hasBytes ||= content instanceof EncodedBody || (!isNoChunk(chunk) && !isText(chunk, encoding));
    if (name === 'write') this.#watchEnd(content);
    try {
      if (name === 'end') uncorkBeforeEnd(this.#response);
      const out =
        content instanceof EncodedBody
          ? content[name](toBytes(chunk, encoding), callback)
          : name === 'end' && isText(chunk, encoding)
            ? endAsBytes(content, chunk)
            : content[name](toBytes(chunk, encoding));
      if (out === undefined) return name === 'write' ? false : this.#response; // sent later
      this.#hasEnded = name === 'end';
      this.#length += out.length;
      return this.#send(name, this.#inPlaceOf(args, asBuffer(out)));
    } catch (error) {
      if (isFirst) this.#startAgain();
      throw error;
    }
  }

  /**
   * The app's arguments with the new bytes, in the same positions: methods below may know only this form, and drop other arguments.
   * A text stays a text, because methods below may edit it.
   */
  #inPlaceOf(args: readonly unknown[], out: Buffer): readonly unknown[] {
    const [chunk, encoding] = args;
    if (isNoChunk(chunk) && out.length === 0) return args;
    if (typeof chunk === 'function') return [out, chunk];
    // Node sends a short text faster than bytes, together with the head.
    const isShort = out.length < shortText || this.#isShared;
    const staysText = isShort && !this.#hasBytes && isText(chunk, encoding);
    return [staysText ? out.toString() : out, ...args.slice(1)];
  }

  /** Another middleware may remove our methods in the middle of a page: held bytes are then lost, and reported. */
  #watchEnd(content: BodyTransform | EncodedBody): void {
    if (this.#watchesEnd || content instanceof EncodedBody) return;
    this.#watchesEnd = true;
    const { write } = this.#response;
    onResponse(this.#response, 'finish', () => {
      const { writableEnded } = this.#response; // HTTP/2 emits `finish` for a client that has left, too
      if (this.#hasEnded || !writableEnded || content !== this.#content) return;
      const held = content.end().length;
      // With our methods in place, a cache below may have ended the page before the app does: nothing is lost.
      const isCached = this.#isShared && this.#response.write === write;
      if (held > 0 || !isCached) this.#sender.onInterrupted(held);
    });
  }

  /** A method below has removed ours while it ran: send held bytes at once; the rest of the page passes unsigned. */
  #giveUpIfTakenOff(): void {
    const content = this.#content;
    const isTakenOff = (this.#response as unknown as Methods).write !== this.#top;
    if (!isTakenOff || this.#hasEnded || content === undefined || content instanceof EncodedBody) return;
    this.#hasEnded = true;
    this.#length = Number.NaN;
    const held = content.end();
    if (held.length > 0) this.#call('write', [asBuffer(held)]);
    this.#sender.onInterrupted(0);
  }

  /** For a head without `writeHead`: all headers are set on the response. */
  #decide(): void {
    const response = this.#response;
    const status = parseStatus(response.statusCode);
    if (status === undefined) return; // Node refuses it
    const type = String(response.getHeader('content-type') ?? '');
    if (hasSentHead(response) || !this.#sender.concerns(status, type)) this.#pass(type);
    else this.#ask(status, this.#fields);
  }

  /** From here on, every call goes straight below. */
  #pass(type: string): void {
    this.#decision = 'pass';
    this.#watch = this.#sender.watchOf(type);
    if (this.#sender.isConditional) this.#sender.policy.onHeadersSent();
  }

  get #hasPassed(): boolean {
    return this.#decision === 'pass' && this.#watch === undefined;
  }

  /** Node refuses whatever the app writes now. */
  get #isOver(): boolean {
    // An encoded body ends later than the app's call.
    const isEnded = this.#response.writableEnded && !(this.#content instanceof EncodedBody);
    return this.#hasEnded || isEnded || this.#response.destroyed;
  }

  /** An earlier middleware has put methods below ours. */
  get #isShared(): boolean {
    const { below } = this.#position;
    return below('end') !== nodes.end || below('writeHead') !== nodes.writeHead;
  }

  #send(name: 'write' | 'end', args: readonly unknown[]): unknown {
    // An earlier middleware may read, change or store the headers when it gets the body. Node's own methods call `writeHead` first.
    const isShared = this.#isShared;
    const isSeen =
      isShared || (this.#response as unknown as Methods).writeHead !== this.#position.hooks['writeHead'];
    if (!hasSentHead(this.#response) && isSeen && this.#decision !== 'pass') this.#settle();
    this.#isEndBelow ||= name === 'end';
    const before = this.#isBelow;
    this.#isBelow = true;
    this.#top = (this.#response as unknown as Methods).write;
    try {
      const given = isShared ? args.map((each) => this.#fromOutside(each)) : args;
      const send = (): unknown => this.#call(name, given);
      const isOpen = isShared && !hasSentHead(this.#response) && this.#decision !== 'pass';
      return isOpen ? afterEachHeader(this.#response, () => this.#settle(), send) : send();
    } finally {
      this.#isBelow = before;
      if (isShared && name === 'write') this.#giveUpIfTakenOff();
    }
  }

  #call(name: HookName, args: readonly unknown[]): unknown {
    return this.#position.below(name).apply(this.#response, args as unknown[]);
  }

  /** A method below may call a callback before it returns: what the app writes in it has not passed through here. */
  #fromOutside(argument: unknown): unknown {
    if (typeof argument !== 'function') return argument;
    const outgoing = this;
    return function callBack(this: unknown, ...args: unknown[]) {
      const before = outgoing.#isBelow;
      if (before) outgoing.#giveUpIfTakenOff();
      outgoing.#isBelow = false;
      try {
        return argument.apply(this, args);
      } finally {
        outgoing.#isBelow = before;
      }
    };
  }
}
