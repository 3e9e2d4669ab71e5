/** The part of s3rver that the example uses: the package has no types. */
declare module '@20minutes/s3rver' {
  import type { Server } from 'node:http';
  import type { AddressInfo } from 'node:net';
  import Koa from 'koa';

  interface Options {
    readonly address: string;
    /** 0 means any free port. */
    readonly port: number;
    /** The folder of the objects. */
    readonly directory: string;
    readonly configureBuckets: readonly { readonly name: string }[];
    /** Whether the host can name the bucket. */
    readonly vhostBuckets: boolean;
    /** Logs no requests. */
    readonly silent: boolean;
  }

  export default class S3rver extends Koa {
    readonly httpServer: Server;
    constructor(options: Options);
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  }
}
