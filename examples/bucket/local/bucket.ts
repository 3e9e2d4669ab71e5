/**
 * A private bucket on this machine. s3rver, an S3 server for tests, verifies every signature with its own code. It knows
 * neither `image-signer` nor the site.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import type { Middleware } from 'koa';

/** The only account that s3rver has. */
export const credentials = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' } as const;
/** It accepts any region. */
export const region = 'us-east-1';

export interface Bucket {
  /** `http://localhost:<port>/photos` */
  readonly url: string;
  /** Stops it, and removes its objects. */
  stop(): Promise<void>;
}

export async function startBucket(): Promise<Bucket> {
  const directory = await mkdtemp(join(tmpdir(), 'image-signer-bucket-'));
  const name = 'photos';
  const server = new S3rver({
    address: 'localhost',
    port: 0,
    directory,
    configureBuckets: [{ name }],
    vhostBuckets: false,
    silent: true,
  });
  server.middleware.unshift(refuseAnonymous);
  const { port } = await server.run();
  return {
    url: `http://localhost:${port}/${name}`,
    async stop() {
      const closed = server.close();
      server.httpServer.closeAllConnections();
      await closed;
      await rm(directory, { recursive: true });
    },
  };
}

/**
 * An S3 bucket is private by default. s3rver has no policies: it answers unsigned requests. These are its own two
 * conditions for a signed request: otherwise a request could pass here and be anonymous there.
 */
const refuseAnonymous: Middleware = (ctx, next) => {
  if ('X-Amz-Algorithm' in ctx.query || 'authorization' in ctx.headers) return next();
  ctx.status = 403;
  ctx.type = 'application/xml';
  ctx.body =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>\n';
};
