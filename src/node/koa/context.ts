/**
 * The parts of a Koa 2 or 3 context that the adapters use. Koa's own types are left to the entry point: an app brings
 * its own version of them.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Renderer } from '../middleware/view-data.ts';

export interface KoaContext extends Renderer {
  readonly app: object;
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly method: string;
  readonly originalUrl: string;
  /** Without the mount path, which `koa-mount` takes off. */
  readonly url: string;
  readonly headerSent: boolean;
  state: Record<string, unknown>;
  status: number;
  body: unknown;
  /** `false` if the app answers on `res` itself. */
  respond?: boolean;
  /** `body` is there if a body parser has run. */
  readonly request: { readonly body?: unknown };
}

export type KoaNext = () => Promise<unknown>;
