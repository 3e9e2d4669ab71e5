/** The process of one server: it listens, tells where, and answers how much of a core it has used up. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Kind, servers, type Way } from './http-servers.ts';

const [, , name = '', kind, way] = process.argv;
const { listener, path = '/' } = await servers[name]!.create(kind as Kind, way as Way);
const server = createServer(listener);
server.keepAliveTimeout = 0; // its connections stay open while the others are measured
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port, path }));
process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!(user + system);
});
process.once('disconnect', () => process.exit());
