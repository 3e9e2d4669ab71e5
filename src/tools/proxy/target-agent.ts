/** How connections to the target are opened: to the host of `--target`, and in TLS by its name. */
import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';

/** The host as `node:net` takes it: an IPv6 address without its brackets. */
export function hostnameOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/**
 * Node.js would ask for the certificate of the host in `Host`, which the visitor chooses: a target that is known by another
 * name would be refused, and each name would have connections of its own. An address is never sent (RFC 6066, 3).
 */
export function createTargetAgent(target: URL, options: http.AgentOptions): http.Agent {
  if (target.protocol !== 'https:') return endingStrays(new http.Agent(options));
  const hostname = hostnameOf(target);
  return endingStrays(new https.Agent({ ...options, servername: isIP(hostname) === 0 ? hostname : '' }));
}

/**
 * What a target sends on a connection that waits for its next request belongs to no request: the next visitor would get it.
 * Node.js drops it and keeps the connection, and would take what comes a moment later for an answer.
 */
function endingStrays(agent: http.Agent): http.Agent {
  const { keepSocketAlive, reuseSocket } = agent;
  agent.keepSocketAlive = function (socket) {
    socket.on('data', end);
    return keepSocketAlive.call(this, socket);
  };
  agent.reuseSocket = function (socket, request) {
    socket.off('data', end);
    reuseSocket.call(this, socket, request);
  };
  return agent;
}

function end(this: Socket): void {
  this.destroy();
}

/**
 * The same behind an answer that is complete, and that a visitor has not read to its end.
 * @param answer - whose head has come
 */
export function endBehind(answer: http.IncomingMessage): void {
  const { socket } = answer;
  let isOver = false;
  const onData = (): void => {
    if (isOver) socket.destroy();
    isOver = answer.complete;
  };
  // What came with the head has been read by then.
  process.nextTick(() => {
    isOver = answer.complete;
    socket.on('data', onData);
  });
  answer.once('close', () => socket.off('data', onData));
}
