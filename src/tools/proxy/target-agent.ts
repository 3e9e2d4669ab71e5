/** Opens connections to the target: to the host of `--target`, and in TLS by its name. */
import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';

/** The host as `node:net` takes it: an IPv6 address without its brackets. */
export function hostnameOf({ hostname }: URL): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/**
 * Node.js would expect a certificate for `Host`, which the visitor chooses: a target with another name would be refused, and
 * every name would have its own connections. An address is never sent as a server name (RFC 6066, 3).
 */
export function createTargetAgent(target: URL, options: http.AgentOptions): http.Agent {
  if (target.protocol !== 'https:') return endingStrays(new http.Agent(options));
  const hostname = hostnameOf(target);
  return endingStrays(new https.Agent({ ...options, servername: isIP(hostname) === 0 ? hostname : '' }));
}

/**
 * Bytes from the target on an idle connection belong to no request: the next visitor would receive them. Node.js drops them,
 * but keeps the connection, and would read bytes that arrive a moment later as an answer.
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
 * The same after a complete answer that a visitor has not read to its end.
 * @param answer - its head has arrived
 */
export function endBehind(answer: http.IncomingMessage): void {
  const { socket } = answer;
  let isOver = false;
  const onData = (): void => {
    if (isOver) socket.destroy();
    isOver = answer.complete;
  };
  // By then, the bytes that arrived with the head have been read.
  process.nextTick(() => {
    isOver = answer.complete;
    socket.on('data', onData);
  });
  answer.once('close', () => socket.off('data', onData));
}
