/** Bases and URLs of schemes that sign the host as well. It knows no scheme. */
import * as v from 'valibot';
import type { Base } from '../url/base.ts';
import { startOfAuthority } from '../url/reference.ts';
import type { Schema } from '../validation/schema.ts';
import { url } from './options.ts';

/** The option `url` of a scheme that signs the host: a path alone does not tell which one that is. */
export const absoluteUrl: Schema<readonly Base[]> = v.pipe(
  url,
  v.check(
    (bases) => bases.every(({ authority }) => authority !== undefined),
    () =>
      "expected a URL with http:// or https://, got a path. The host is signed as well: write 'https://photos.example'.",
  ),
);

export interface SplitUrl {
  /** Host and port, as a browser sends them: in lower case. */
  readonly host: string;
  /** Offset of the path's first `/`. */
  readonly path: number;
  /** Offset of the `?`; the length of the URL if there is none. */
  readonly query: number;
}

/** @param url - with a host and a path */
export function splitUrl(url: string): SplitUrl {
  const authority = startOfAuthority(url) ?? 0;
  const path = url.indexOf('/', authority);
  const query = url.indexOf('?', path);
  return {
    host: url.slice(authority, path).toLowerCase(),
    path,
    query: query < 0 ? url.length : query,
  };
}
