/**
 * What an app answers, said once for all frameworks: plain values that each driver sends in its framework's own way. It
 * runs on Node.js and within a Worker, so it knows neither.
 */

import type { Candidates, DataOptions, SignOptions } from '../../src/options/call-options.ts';
import type { ImageSignerEvent } from '../../src/options/events.ts';
import type { Signer } from '../../src/signer/index.ts';
import type { Store } from './stores/store.ts';

type SignImage = (image: string, variant?: string | SignOptions, options?: SignOptions) => string;
type SignSrcset = (image: string, candidates?: Candidates, options?: SignOptions) => string;

type SignData = <Data>(data: Data, options?: DataOptions) => Data;

/** What a handler is asked, with what the middleware has put on it. */
export interface Asked {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  header(name: string): string | undefined;
  /** Undefined where the entry gives no helpers. */
  readonly signImage?: SignImage | undefined;
  readonly signSrcset?: SignSrcset | undefined;
  readonly signData?: SignData | undefined;
  /** What the guard has let through. */
  readonly signedImage?: unknown;
}

/** A body as it comes about; `return` ends it early. */
export type Source = Required<Pick<AsyncIterator<Uint8Array>, 'next' | 'return'>>;

export type ViewData = Readonly<Record<string, unknown>>;
/** A template: what its engine would make of the data. */
export type View = (data: ViewData) => string;

export type Body =
  | string
  | Uint8Array
  | null
  /** Spoilt where somebody has used it up before it is sent, or still reads it. */
  | { readonly source: Source; readonly spoilt?: 'used' | 'locked' }
  | { readonly json: unknown }
  /** By its name among the site's views. */
  | { readonly view: string; readonly data: ViewData };

export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body: Body;
}

export interface Site {
  /** Options of `imageSigner`: one for each time that it is mounted, in order. */
  readonly signers?: readonly object[];
  /** Options of `imageGuard`. */
  readonly guard?: object;
  /** Where it is mounted. */
  readonly guardAt?: string;
  /** Options of `signingEndpoint`, mounted at `/sign`. */
  readonly endpoint?: object;
  readonly views?: Readonly<Record<string, View>>;
  /** The framework's own compression, on this side of `imageSigner`. */
  readonly compress?: 'before' | 'after';
  /** The framework's own tags and conditional requests, if they have to be asked for. */
  readonly tags?: true;
  answer(asked: Asked): Answer;
}

/** What a site is made with, on each server anew. */
export interface Tools {
  /** Whose images the site shows. */
  readonly store: Store;
  /** The clock that visitors move. */
  now(): number;
  /** What it hears, visitors can ask for. */
  report(event: ImageSignerEvent): void;
  /** The same for what the app has to say. */
  tell(what: string): void;
  /** A header of what `authorize` and `skip` were handed, read in the framework's own way. */
  headerOf(viewer: unknown, name: string): string | undefined;
  /** Of the entry that the framework's users import. */
  createSigner(options: object): Signer;
}

export type CreateSite = (tools: Tools) => Site;
