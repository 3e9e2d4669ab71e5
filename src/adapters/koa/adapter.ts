/**
 * Koa: the helpers are the context's, and a body is put in the place of the one that the app has set. Headers are seen
 * as they leave, as with any response of `node:http`; so is a body that somebody sets later, or writes by themselves.
 */
import { Readable } from 'node:stream';
import { type HeaderFields, ResponseFields } from '../../http/header-fields.ts';
import type { Interceptor, Rewrite } from '../../http/rewrite-policy.ts';
import { contentCodingOf } from '../../node-http/content-coding.ts';
import type { ResponsePlan } from '../../response/policy.ts';
import type { Framework, RequestHelpers, Views } from '../node/adapter.ts';
import { emptyLike, isWhole, transformBody } from './body.ts';
import type { KoaContext } from './context.ts';

export class KoaFramework implements Framework {
  readonly viewer: KoaContext;
  readonly skipArguments: readonly unknown[];
  #plan: KoaPlan | undefined;

  constructor(context: KoaContext) {
    this.viewer = context;
    this.skipArguments = [context];
  }

  attach(helpers: RequestHelpers): void {
    const { signImage, signSrcset } = helpers;
    Object.assign(this.viewer, { signImage, signSrcset });
  }

  views(): Views {
    return { shared: this.viewer.state, renderer: this.viewer };
  }

  planned(plan: ResponsePlan): Interceptor {
    this.#plan = new KoaPlan(plan, this.viewer);
    return this.#plan;
  }

  /**
   * The app is done, and its body there.
   * @param isUnseen - nobody looks at what kind it is of
   */
  replaceBody(isUnseen: boolean): void {
    this.#plan?.replaceBody(isUnseen);
  }
}

/** What was decided of a body, once it was there. */
interface Decided {
  readonly rewrite: Rewrite | undefined;
  /** What is in the body's place; it may be another one once the headers leave. */
  readonly body: unknown;
}

class KoaPlan implements Interceptor {
  readonly #plan: ResponsePlan;
  readonly #context: KoaContext;
  #decided: Decided | undefined;

  constructor(plan: ResponsePlan, context: KoaContext) {
    this.#plan = plan;
    this.#context = context;
  }

  replaceBody(isUnseen: boolean): void {
    const { body, respond, headerSent, response, req, res } = this.#context;
    const isThere = respond !== false && !headerSent && body !== null && body !== undefined;
    // An encoded one is decoded where it goes out.
    if (!isThere || contentCodingOf(response.get('Content-Encoding')) !== undefined) return;
    if (!this.#plan.typeSet(response.get('Content-Type'))) return;
    const fields = new ResponseFields(res, res.setHeader);
    // To HEAD go the length and the tag of the body that is there: that of the page, where it can be had.
    const isMade = req.method !== 'HEAD' || isWhole(body);
    const rewrite = this.#plan.decide(this.#context.status, fields, true, isMade);
    const breakOff = (): void => this.#breakOff();
    if (rewrite?.body !== undefined) this.#put(transformBody(body, rewrite.body, isUnseen, breakOff));
    else if (rewrite !== undefined && !rewrite.keepsLength) this.#put(emptyLike(body));
    this.#decided = { rewrite, body: this.#context.body };
  }

  #put(body: string | Buffer | Readable): void {
    const before = body instanceof Readable ? body.listeners('error') : [];
    this.#context.body = body;
    if (!(body instanceof Readable)) return;
    // Koa 2 tells the app of a stream's errors as soon as it is set: it has done so with the source.
    for (const each of body.listeners('error'))
      if (!before.includes(each)) body.removeListener('error', each as () => void).on('error', () => {});
  }

  decide(status: number, fields: HeaderFields, isReadable: boolean): Rewrite | undefined {
    const { rewrite } = this.#decided ?? {};
    if (!this.#isInPlace(fields)) return this.#plan.decide(status, fields, isReadable);
    const keepsLength = rewrite?.body !== undefined || rewrite?.keepsLength === true;
    return rewrite && { body: undefined, keepsLength };
  }

  /** What was put in the body's place still stands there, though somebody may have encoded it. */
  #isInPlace(fields: HeaderFields): boolean {
    if (this.#decided === undefined) return false;
    return this.#decided.body === this.#context.body || fields.get('Content-Encoding') !== undefined;
  }

  /** Koa 2 leaves the connection open where a source fails: the client would wait for the rest. */
  #breakOff(): void {
    const { res } = this.#context;
    if (!res.writableEnded) res.destroy(); // else it has sent an error page
  }

  get looksAtResponse(): boolean {
    return this.#plan.looksAtResponse;
  }

  typeSet(type: string): boolean {
    return this.#plan.typeSet(type);
  }

  leaving(fields: HeaderFields): void {
    this.#plan.leaving(fields);
  }

  settled(): void {
    this.#plan.settled();
  }

  hint(links: string | string[]): string | string[] {
    return this.#plan.hint(links);
  }

  corrupt(): void {
    this.#plan.corrupt();
  }
}
