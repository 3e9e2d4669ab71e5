/** Tokens of Akamai's EdgeAuth by `akamai-edgeauth`, and those of Cloudinary by `cloudinary`. */
import EdgeAuth from 'akamai-edgeauth';
import { v2 as cloudinary } from 'cloudinary';

export interface EdgeTokenTerms {
  /** Hexadecimal. */
  readonly key: string;
  /** What the token is for: a path, or a list of paths that may have wildcards. */
  readonly kind: 'url' | 'acl';
  /** The path as it is sent, with what else of the URL is signed. */
  readonly path: string;
  /** Unix seconds; a token without it is valid at once. */
  readonly issuedAt?: number;
  readonly exp: number;
  /** Whether Akamai's property escapes the path before it compares: its option "Escape token input". */
  readonly escapeEarly?: boolean;
}

export const edgeAuthKey = '52a152a152a152a152a152a152a1';

/** @returns the token without the name of its parameter */
export function signAkamai({ key, kind, path, issuedAt, exp, escapeEarly }: EdgeTokenTerms): string {
  const edgeAuth = new EdgeAuth({
    key,
    endTime: exp,
    ...(issuedAt !== undefined && { startTime: issuedAt }),
    ...(escapeEarly !== undefined && { escapeEarly }),
  });
  return kind === 'url' ? edgeAuth.generateURLToken(path) : edgeAuth.generateACLToken(path);
}

/** @returns the token with the name of its parameter: `__cld_token__=…` */
export function signCloudinary({ key, kind, path, issuedAt, exp }: EdgeTokenTerms): string {
  const options = {
    key,
    expiration: exp,
    ...(issuedAt !== undefined && { start_time: issuedAt }),
    [kind]: path,
  };
  // Its types know no `url`.
  return cloudinary.utils.generate_auth_token(options as typeof options & { readonly acl: string });
}
