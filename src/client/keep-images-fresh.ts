/** What `keepImagesFresh` takes. */
export interface FreshImagesOptions {
  /** Path or URL of a `signingEndpoint`, which is asked instead of the page. */
  readonly endpoint?: string | undefined;
  /** Asks the app's own way: URLs as they stand in the page, and the URL for each that is to stand there instead. */
  readonly renew?: ((urls: readonly string[]) => Promise<ReadonlyMap<string, string>>) | undefined;
  /** How long before the end of a token its image gets a new URL, in seconds; at most half of the token's life. */
  readonly margin?: number | undefined;
  /** Whether to look at elements as they are added: for apps that keep nodes outside of the page. */
  readonly observe?: boolean | undefined;
  /** Where the images are: an element, or a shadow root. @default `document` */
  readonly root?: ParentNode | undefined;
  /** The end of a token of a scheme of your own, in Unix seconds; undefined for a URL that has none. */
  readonly endOf?: ((url: string) => number | undefined) | undefined;
}

/** What `keepImagesFresh` gives. */
export interface FreshImages {
  /** Ends all requests, timers and listeners. */
  stop(): void;
}

/** Gives the images of an open page new URLs before their tokens end. */
export function keepImagesFresh(_options: FreshImagesOptions = {}): FreshImages {
  return { stop() {} };
}
