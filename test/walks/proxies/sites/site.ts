/** What a site of another language has to offer to be walked with and without the proxy. It knows neither. */
import type { Page } from 'playwright-core';

export interface Site {
  readonly name: string;
  start(place: Place): Promise<OpenSite>;
  /** Edits and saves an article in a browser, and leaves the page open that shows it. */
  edit?(page: Page, title: string, opened: OpenSite): Promise<void>;
}

export interface Place {
  /** For all that the site writes; it is there already. */
  readonly folder: string;
  /** What the plain URL of each picture begins with; its id and a variant follow. */
  readonly images: string;
  /** Host and port by which visitors come: those of the proxy. */
  readonly publicHost: string;
}

export interface OpenSite {
  readonly port: number;
  /** Asked with and without the proxy. */
  readonly requests: readonly WalkedRequest[];
  /** What differs from answer to answer by itself, such as the mask of a CSRF token. */
  readonly changing: RegExp;
  /** Shown in a browser: every picture has to be seen. */
  readonly pages: readonly string[];
  /** Asked in turn a thousand times. */
  readonly storm: readonly SentRequest[];
  /** Of the editor. */
  readonly password?: string;
  /** All that the site has stored. */
  stored(): Promise<string>;
}

export interface SentRequest {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface WalkedRequest extends SentRequest {
  /** How many tokens the answer has behind the proxy; none if left out. */
  readonly tokens?: number;
}
