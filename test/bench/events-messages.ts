/** What the processes of the events benchmark tell each other. */

/** In one stream. */
export const eventCount = 5_000;
export const eventsPerSecond = 1_000;

/** From the server: it listens. */
export interface Ready {
  readonly port: number;
}

/** From the server: a stream has ended, and has taken so much processor time. */
export interface Spent {
  readonly microseconds: number;
}
