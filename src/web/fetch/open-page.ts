/** Limits how many encoded pages are open at a time, each of which holds a decoder and an encoder. */
import type { ResponsePolicy } from '../../pages/policy.ts';
import type { WebCoding } from './body.ts';
import type { Bytes } from './read-body.ts';

const KiB = 1024;
/** What the two hold in Node.js, whose streams take no smaller window: the dictionary of gzip, and the tables of its encoder. */
const heldMemory = (coding: WebCoding): number => (coding === 'zstd' ? 512 : 320) * KiB;

/** Calls for streams that nobody can read any more. Without it nothing is counted: such a stream would count for ever. */
const unread: FinalizationRegistry<() => void> | undefined =
  typeof FinalizationRegistry === 'function'
    ? /* @__PURE__ */ new FinalizationRegistry((giveBack) => giveBack())
    : undefined;

/**
 * @param open - makes the page's stream
 * @returns undefined if too many pages are open: then this one has to pass as it came, and no cache may keep it
 */
export function openPage(
  coding: WebCoding,
  policy: ResponsePolicy,
  open: () => ReadableStream<Bytes>,
): ReadableStream<Bytes> | undefined {
  if (unread === undefined) return open();
  const giveBack = policy.beginTranscoding(heldMemory(coding));
  if (giveBack !== undefined) return givingBack(open(), giveBack, unread);
  policy.onTranscodingRefused();
  return undefined;
}

/** The stream, with `giveBack` called when it ends, fails or is cancelled. */
function givingBack(
  stream: ReadableStream<Bytes>,
  giveBack: () => void,
  registry: FinalizationRegistry<() => void>,
): ReadableStream<Bytes> {
  const source = stream.getReader();
  const page = new ReadableStream<Bytes>(
    {
      async pull(controller) {
        try {
          const { done, value } = await source.read();
          if (!done) return controller.enqueue(value);
        } catch (error) {
          giveBack();
          throw error;
        }
        giveBack();
        controller.close();
      },
      cancel(reason) {
        giveBack();
        return source.cancel(reason);
      },
    },
    { highWaterMark: 0 }, // reads nothing before the client does
  );
  registry.register(page, giveBack);
  return page;
}
