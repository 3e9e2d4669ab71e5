/** Names what is wrong with a path under a base, and corrects it where it is clear what was meant. It knows no tokens. */
import { encodeSegment, isAbsolute, isDotSegment } from '../../url/canonical.ts';
import { percentDecode } from '../../url/percent-encoding.ts';
import type { Finding } from './explanation.ts';
import { finding, shown } from './findings.ts';
import { withoutSecondEncoding } from './pasted-text.ts';

export interface PathMistake {
  readonly finding: Finding;
  /** The path that was meant; undefined if that is not clear. */
  readonly path: string | undefined;
}

/**
 * @param path - after the base; `matchDelivery` refuses it
 * @param hasAccount - whether it begins with the account hash
 */
export function pathMistake(path: string, hasAccount: boolean): PathMistake {
  const missing = hasAccount ? 3 : 2;
  const trimmed = withoutSlashesAtEnd(path);
  const segments = trimmed.slice(1).split('/');
  if (trimmed === '' || segments.length < missing) {
    const parts = hasAccount ? 'account hash, image id and variant' : 'image id and variant';
    const count = trimmed === '' ? 0 : segments.length;
    const message = `The path has ${count} of the parts that an image's URL has: ${parts}.`;
    return { finding: finding('variant-missing', message), path: undefined };
  }
  if (trimmed !== path) {
    return {
      finding: finding('trailing-slash', 'The path ends with a slash, after the variant.'),
      path: trimmed,
    };
  }
  if (segments.some((segment) => segment === '' || isDotSegment(segment))) {
    return refused(
      'The path has an empty segment, or one that is `.` or `..`: a browser asks for another path.',
    );
  }
  const once = withoutSecondEncoding(path);
  if (once !== path) {
    return {
      finding: finding(
        'double-encoded',
        'The path is percent-encoded twice: it has `%25` before two digits.',
      ),
      path: once,
    };
  }
  return encodedPath(segments, hasAccount);
}

/** A path that spells some character in another way than Cloudflare signs it, such as `a%2Cb`. */
function encodedPath(segments: readonly string[], hasAccount: boolean): PathMistake {
  const plain = segments.map(percentDecode);
  const encoded = plain.flatMap((segment) => segment.split('/')).map(encodeSegment);
  const id = plain.slice(hasAccount ? 1 : 0, -1).join('/');
  if (
    encoded.includes(undefined) ||
    encoded.join('/') === segments.join('/') ||
    isAbsolute(id) ||
    id.trim() !== id
  ) {
    return refused(
      'The image id holds something that no path can: docs/how-it-works/signed-url.md says what it may hold.',
    );
  }
  const message = 'The path encodes characters that are signed as they are, as `encodeURIComponent` does.';
  const mend = `Pass the plain id ${shown(id)} to \`signImage\`: it encodes what has to be encoded.`;
  return { finding: finding('encoded-path', message, mend), path: `/${encoded.join('/')}` };
}

function refused(message: string): PathMistake {
  return { finding: finding('not-canonical', message), path: undefined };
}

function withoutSlashesAtEnd(path: string): string {
  let end = path.length;
  while (path.charCodeAt(end - 1) === 0x2f) end--;
  return path.slice(0, end);
}
