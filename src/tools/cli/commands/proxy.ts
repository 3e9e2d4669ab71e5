/** `image-signer proxy`: runs in front of a site in any language, and signs its images. The server is loaded when it starts. */

import { isIPv6 } from 'node:net';
import { parseDuration } from '../../../text/duration.ts';
import type { LogEntry } from '../../proxy/request-log.ts';
import { createProxy } from '../../proxy/server.ts';
import type { ViewerFunction } from '../../proxy/viewers.ts';
import type { Command, ExitCode, Invocation } from '../command.ts';
import { listenMistake, portOf, untilStopped } from '../listening.ts';
import { Mistake } from '../mistake.ts';
import { signerOptions } from '../option-table.ts';
import { durationOf, setUpSigner } from '../signer-setup.ts';

/** A lasting failure is reported again after this time, in milliseconds. */
const failurePause = 10_000;
/** In seconds. */
const longestDrain = 3_600;

export const proxyCommand: Command = {
  name: 'proxy',
  summary: 'runs in front of a site in any language, and signs its images',
  operands: '--target <url>',
  about: [
    'Forwards requests to the site at --target, and signs the image URLs in its pages. Everything else',
    'passes unchanged. The file of --config holds the options of imageSigner, and viewer, a function',
    'that tells authorize who asks. On SIGTERM, --health answers 503; the proxy keeps listening for',
    '--drain, and finishes requests under way. SIGINT (Ctrl+C) skips --drain.',
  ],
  examples: [
    'image-signer proxy --target http://127.0.0.1:8080 --config image-signer.config.mjs',
    'image-signer proxy --target https://shop.example --change-origin --port 8000 --config image-signer.config.mjs',
    'image-signer proxy --target http://app:8080 --host 0.0.0.0 --health /healthz --log json --trust-proxy --config image-signer.config.mjs',
  ],
  options: [
    'target',
    'port',
    'host',
    'change-origin',
    'trust-proxy',
    'health',
    'drain',
    'log',
    ...signerOptions,
    'ttl',
    'stable-for',
  ],
  run,
};

async function run(invocation: Invocation): Promise<ExitCode> {
  const { options, operands, notes } = invocation;
  if (operands.length > 0) throw new Mistake('proxy takes no operands. Name the site with --target <url>.');
  const target = targetOf(options.text('target'));
  const port = portOf(options.text('port') ?? '3000');
  const host = options.text('host') ?? '127.0.0.1';
  const healthPath = healthPathOf(options.text('health'));
  const drain = drainOf(options.text('drain') ?? '5');
  const log = logOf(invocation);
  const { signer, middlewareOptions, viewer } = await setUpSigner(invocation, {});
  if (viewer !== undefined && typeof viewer !== 'function') {
    throw new Mistake(
      `The configuration: \`viewer\`: expected a function, such as (request, { askTarget }) => askTarget('/session'), got ${typeof viewer}.`,
    );
  }
  const proxy = createProxy({
    target,
    imageSigner: { ...middlewareOptions, signer },
    viewer: viewer as ViewerFunction | undefined,
    changesHost: options.has('change-origin'),
    trustsProxy: options.has('trust-proxy'),
    healthPath,
    log,
    onFailure: failureNotes(invocation),
  });
  const address = await proxy.listen(port, host).catch((error: unknown) => {
    throw listenMistake(error, port);
  });
  const ended = untilStopped(invocation, (signal) => proxy.stop(signal === 'SIGTERM' ? drain : 0));
  const shown = isIPv6(address.address) ? `[${address.address}]` : address.address;
  await notes.line(`http://${shown}:${address.port} signs the images of ${target.origin}. Ctrl+C ends it.`);
  return await ended;
}

function targetOf(text: string | undefined): URL {
  if (text === undefined) throw new Mistake('No site is given. Name it with --target http://127.0.0.1:8080');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new Mistake(
      '--target takes a URL that begins with http:// or https://, such as http://127.0.0.1:8080',
    );
  }
  if (
    url.username !== '' ||
    url.password !== '' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.pathname !== '/'
  ) {
    throw new Mistake(
      `--target takes only scheme, host and port: ${url.origin}. The proxy keeps paths unchanged.`,
    );
  }
  return url;
}

function healthPathOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\/[^?#\s]*$/.test(text)) return text;
  throw new Mistake('--health takes a path, such as /healthz');
}

/** In milliseconds. */
function drainOf(text: string): number {
  const seconds = parseDuration(durationOf(text));
  if (seconds !== undefined && seconds <= longestDrain) return seconds * 1_000;
  throw new Mistake("--drain takes seconds, '30s' or '2m', from 0 to '1h'.");
}

/** If the reader goes, the log ends, but not the proxy. */
function logOf({ options, answer }: Invocation): ((entry: LogEntry) => void) | undefined {
  const form = options.text('log');
  if (form === undefined) return undefined;
  if (form === 'json') return (entry) => void answer.json(entry).catch(() => {});
  if (form === 'text') return (entry) => void answer.line(lineOf(entry)).catch(() => {});
  throw new Mistake('--log takes json or text.');
}

function lineOf({ time, method, path, status, milliseconds, aborted, reason }: LogEntry): string {
  const end = `${aborted ? ' aborted' : ''}${reason === undefined ? '' : ` (${reason})`}`;
  return `${time} ${method} ${path} ${status ?? '-'} ${milliseconds} ms${end}`;
}

/** Reports every kind of failure now and then: the log has a line per request, but none for `viewer`. */
function failureNotes({ notes }: Invocation): (reason: string, path: string) => void {
  const toldAt = new Map<string, number>();
  return (reason, path) => {
    const now = performance.now();
    if (now - (toldAt.get(reason) ?? Number.NEGATIVE_INFINITY) < failurePause) return;
    toldAt.set(reason, now);
    notes
      .line({ style: 'red', text: 'failed: ' }, path === '' ? reason : `${path}: ${reason}`)
      .catch(() => {}); // nobody reads
  };
}
