/** The part of Miniflare that is used: the package is installed once a Worker is to run. */
declare module 'miniflare' {
  export class Miniflare {
    constructor(options: object);
    readonly ready: Promise<URL>;
    unsafeGetDirectURL(): Promise<URL>;
    dispatchFetch(url: string, init?: RequestInit): Promise<Response>;
    dispose(): Promise<void>;
  }
}
