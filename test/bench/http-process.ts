/** The process of one server: it listens, tells its port, and answers how much of a core it has used up. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Kind, servers } from './http-servers.ts';

const [, , name, kind, contender] = process.argv;
const listener = servers
  .find((each) => each.name === name)!
  .create(kind as Kind, contender === 'image-signer');
const server = createServer(listener);
server.listen(0, '127.0.0.1', () => process.send!({ port: (server.address() as AddressInfo).port }));

process.on('message', () => {
  const { user, system } = process.cpuUsage();
  process.send!({ microseconds: user + system });
});
process.once('disconnect', () => process.exit());
