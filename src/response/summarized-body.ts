/** Reports what became of the URLs of a rewritten body, once its last byte is known; never for one that is cut off. */
import type { BodyTransform } from '../body-transform.ts';
import type { ResponseInProgress } from '../signer/core.ts';

/** @returns the body itself if nobody wants to know */
export function summarized(body: BodyTransform, { reporter, signer }: ResponseInProgress): BodyTransform {
  if (!reporter.wantsSummaries) return body;
  let bytes = 0;
  const written = (out: Uint8Array): Uint8Array => {
    bytes += out.length;
    return out;
  };
  const report = (): void => {
    const { signed, kept, skipped, denied } = signer.counts;
    reporter.summary({ type: 'rewritten', signed, kept, skipped, denied, bytes });
  };
  const endText = (text: string): string => {
    const out = body.endText!(text); // it is only offered if the body has it
    bytes += Buffer.byteLength(out);
    report();
    return out;
  };
  return {
    write: (chunk) => written(body.write(chunk)),
    end(last) {
      const out = written(body.end(last));
      report();
      return out;
    },
    ...(body.endText && { endText }),
  };
}
