/** What a site of another language has to offer to be walked with and without the proxy. It knows neither. */
import type { Page } from 'playwright-core';
import type { SentRequest } from '../any-site/exchange.ts';
import type { Part } from '../part.ts';
import type { RunningProgram } from '../process.ts';

export interface Site {
  readonly name: string;
  readonly needs: Part['needs'];
  start(place: Place): Promise<OpenSite>;
}

export interface Place {
  /** For all that the site writes; it is there already. */
  readonly folder: string;
  /** What the plain URL of each picture begins with; its id and a variant follow. */
  readonly images: string;
  /** Host and port by which visitors come: those of the proxy. */
  readonly publicHost: string;
  /** What is started is put in here. */
  readonly running: RunningProgram[];
}

export interface OpenSite {
  readonly address: string;
  /** Asked with and without the proxy. */
  readonly requests: readonly WalkedRequest[];
  /** What differs from answer to answer by itself, such as the mask of a CSRF token. */
  readonly changing?: RegExp | undefined;
  /** Shown in a browser: every picture has to be seen. */
  readonly pages: readonly string[];
  /** Asked in turn a thousand times. */
  readonly storm: readonly SentRequest[];
  /** Edits and saves an article in a browser, and leaves the page open that shows it; undefined where nothing can be saved. */
  readonly edit?: ((page: Page, title: string) => Promise<void>) | undefined;
  /** All that the site has stored. */
  stored(): Promise<string>;
}

export interface WalkedRequest extends SentRequest {
  /** How many tokens the answer has behind the proxy; none if left out. */
  readonly tokens?: number;
}
