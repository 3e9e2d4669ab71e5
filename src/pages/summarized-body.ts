/** Reports what became of the URLs of a rewritten body, once its last byte is known; never for one that is cut off. */

import { UrlCounts } from '../caches/url-counts.ts';
import type { ResponseInProgress } from '../signer/core.ts';
import type { BodyTransform } from '../text/body-transform.ts';

/** @returns the body itself if nobody wants to know */
export function summarized(body: BodyTransform, { reporter, signer }: ResponseInProgress): BodyTransform {
  if (!reporter.wantsSummaries) return body;
  const counts = new UrlCounts();
  let bytes = 0;
  /** The response's own counts hold URLs of `Link` and of view data too, which come before or after the body. */
  const rewrite = <Out extends Uint8Array | string>(run: () => Out): Out => {
    const before = signer.counts.copy();
    const out = run();
    counts.add(signer.counts.since(before));
    bytes += Buffer.byteLength(out);
    return out;
  };
  const last = <Out extends Uint8Array | string>(run: () => Out): Out => {
    const out = rewrite(run);
    const { signed, kept, skipped, denied } = counts;
    reporter.summary({ type: 'rewritten', signed, kept, skipped, denied, bytes });
    return out;
  };
  return {
    write: (chunk) => rewrite(() => body.write(chunk)),
    end: (chunk) => last(() => body.end(chunk)),
    // It is only offered if the body has it.
    ...(body.endText && { endText: (text: string) => last(() => body.endText!(text)) }),
  };
}
