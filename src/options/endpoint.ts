/** The options of the endpoint: its path, and the origins of other sites that may call it. */
import * as v from 'valibot';
import { plainPath } from '../validation/base.ts';
import { asBase, expected, type Shown } from '../validation/message.ts';
import { listOf, type Schema } from '../validation/schema.ts';

export const path: Schema<string> = plainPath(
  "Such as '/sign'; leave it out if app.use('/sign', …) takes it off.",
);

const originHint = "Such as 'https://shop.example': what a browser sends as Origin.";

/** `*` may be shown: it is what a CORS header would hold. */
const asOrigin: Shown = (text) => (text === '*' ? text : asBase(text));

const origin: Schema<string> = v.pipe(
  v.string(expected('the origin of a site', originHint)),
  v.check(
    (text) => !text.includes('*'),
    expected('a site by its whole name', 'There are no wildcards: name each site.', asOrigin),
  ),
  v.check(
    (text) => text !== 'null',
    expected('a site', 'Any site can send null, from a sandboxed frame.', asBase),
  ),
  v.check(
    (text) => /^https?:\/\/[^/]/i.test(text),
    expected('an origin with http:// or https://', originHint, asBase),
  ),
  v.check(
    (text) => !/[/?#\\]/.test(text.slice(text.indexOf('//') + 2)),
    expected('an origin without path, query or slash at its end', originHint, asBase),
  ),
  v.check(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    expected(
      'an origin as a browser sends it',
      'In lower case, without credentials or a default port, and international names as xn--….',
      asBase,
    ),
  ),
);

export const origins: Schema<readonly string[]> = listOf(
  origin,
  expected('at least one origin', 'Leave origins out if only your own site may call the endpoint.'),
);
