/** The parts of a Hono context that the adapters use. Hono's own types are left to the entry point. */

export interface HonoContext {
  readonly req: { raw: Request };
  /** Whether a response has been set. */
  readonly finalized: boolean;
  get res(): Response;
  set res(response: Response | undefined);
  set(name: string, value: unknown): void;
}

export type HonoNext = () => Promise<void>;
