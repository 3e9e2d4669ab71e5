/** The part of Miniflare that we use. The package is installed when the example first starts. */
declare module 'miniflare' {
  export class Miniflare {
    constructor(options: object);
    readonly ready: Promise<URL>;
    unsafeGetDirectURL(): Promise<URL>;
    dispatchFetch(url: string, init?: RequestInit): Promise<Response>;
    dispose(): Promise<void>;
  }
}
