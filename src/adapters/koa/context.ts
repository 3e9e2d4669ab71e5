/** A context of Koa 2 and 3, as far as it is used here. Its types are not asked for: the app's own are. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Renderer } from '../node/view-data.ts';

export interface KoaContext extends Renderer {
  readonly app: { readonly middleware?: readonly unknown[] };
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly originalUrl: string;
  readonly headerSent: boolean;
  state: Record<string, unknown>;
  status: number;
  body: unknown;
  /** False where the app answers on `res` by itself. */
  respond?: boolean;
  readonly response: { get(name: string): string };
}

export type KoaNext = () => Promise<unknown>;
