/** Lets a watch see a body that is not rewritten. It goes out as it comes, as fast as it is read. */
import type { BodyWatch } from '../../http/rewrite-policy.ts';
import type { BodyTransform } from '../../text/body-transform.ts';
import { transformStream } from './body.ts';
import { unreadTextOf } from './unread-text.ts';

/** The standard allows them none. A server that makes one of them all the same fails when its body is asked for. */
const withoutBody: ReadonlySet<number> = new Set([101, 204, 205, 304]);

/** @returns the response itself, or one whose body the watch hears as it is read */
export function watched(response: Response, watch: BodyWatch): Response {
  const text = unreadTextOf(response);
  if (text !== undefined) {
    watch.write(Buffer.from(text));
    watch.end();
    return response;
  }
  if (withoutBody.has(response.status) || response.bodyUsed || response.body === null || response.body.locked)
    return response;
  const hearing: BodyTransform = {
    write(chunk) {
      if (ArrayBuffer.isView(chunk)) watch.write(chunk); // a stream of the app's may hold anything
      return chunk;
    },
    end() {
      watch.end();
      return nothing;
    },
  };
  return new Response(transformStream(response.body.getReader(), hearing), response);
}

const nothing: Uint8Array = /* @__PURE__ */ new Uint8Array();
