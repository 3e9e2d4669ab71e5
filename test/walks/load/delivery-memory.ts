/** A process of its own that delivers a folder and says how much memory it takes. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDelivery } from '../../../src/delivery/handler.ts';

/** In bytes. */
export interface MemoryMessage {
  readonly port: number;
  readonly resident: number;
  /** Since the process has begun. */
  readonly peak: number;
}

const server = createServer(createDelivery(JSON.parse(process.argv[2]!)));
const answer = (): void => {
  process.send!({
    port: (server.address() as AddressInfo).port,
    resident: process.memoryUsage.rss(),
    peak: process.resourceUsage().maxRSS * 1024,
  } satisfies MemoryMessage);
};
server.listen(0, '127.0.0.1', answer);
process.on('message', answer);
process.once('disconnect', () => process.exit());
