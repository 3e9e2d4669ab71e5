/**
 * The `Buffer` of the npm package `buffer`, with two things that it lacks: the encoding `base64url`, and the standard decoding
 * of broken UTF-8. The browser's own coders are also faster.
 */
import { Buffer as NpmBuffer } from 'buffer/index.js';

const { from, isEncoding } = NpmBuffer;
const toText = NpmBuffer.prototype.toString;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

NpmBuffer.from = ((data: never, encoding?: string, length?: never) => {
  if (typeof data === 'string' && isUtf8(encoding)) return from(encoder.encode(data).buffer);
  // Its base64 decoder reads both alphabets.
  return from(data, (encoding === 'base64url' ? 'base64' : encoding) as never, length);
}) as typeof from;

NpmBuffer.isEncoding = (encoding) => encoding === 'base64url' || isEncoding(encoding);

NpmBuffer.prototype.toString = function (this: NpmBuffer, encoding, start = 0, end = this.length) {
  if (isUtf8(encoding)) return decoder.decode(this.subarray(start, Math.max(start, end)));
  if (encoding !== 'base64url') return toText.call(this, encoding, start, end);
  const text = toText.call(this, 'base64', start, end);
  return text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
};

function isUtf8(encoding: string | undefined): boolean {
  return encoding === undefined || encoding === 'utf8';
}

export const BrowserBuffer: typeof NpmBuffer = NpmBuffer;
