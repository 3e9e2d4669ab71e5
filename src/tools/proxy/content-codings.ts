/** Of the content codings that a client accepts, those that a page can be read in: the target may use no other. */
import { parseContentCoding } from '../../node/http/content-coding.ts';

/** @param accepted - the value of `Accept-Encoding` */
export function readableCodings(accepted: string): string {
  const readable = accepted
    .split(',')
    .map((each) => each.trim())
    .filter((each) => {
      const [coding = ''] = each.split(';', 1);
      // `*` would allow codings that nobody knows yet.
      return coding.trim() !== '*' && parseContentCoding(coding) !== 'unknown' && each !== '';
    });
  return readable.length === 0 ? 'identity' : readable.join(', ');
}
