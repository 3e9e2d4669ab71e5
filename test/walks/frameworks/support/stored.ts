/**
 * What a database holds after a year: URLs that were signed then, and URLs of a host that no visitor reaches. An app gets
 * them by its environment, and reads them with `JSON.parse`.
 */
import { createSigner, type Signer } from 'image-signer';
import { s3 } from 'image-signer/schemes';
import { accountHash, bucketKeys, bucketPaths, bucketRegion, key, ttl, variants } from './settings.ts';

/** Where the images once were: for the option `from`. Nothing listens there. */
const formerBase = 'http://minio.localhost:9000';
const year = 365 * 86_400_000;
const then = { ttl, now: () => Date.now() - year, report: false } as const;

export interface StoredPost {
  readonly id: string;
  readonly title: string;
  /** Signed a year ago. */
  readonly cover: string;
  /** Under the former base. */
  readonly thumb: string;
  /** HTML with one of each. */
  readonly body: string;
}

/** A message of a chat, as the AI SDK stores it. */
export interface StoredMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly parts: readonly object[];
}

/** For the apps, beside `DELIVERY`, `IMAGES_KEY` and `ACCOUNT_HASH`. */
export function storedEnvironment(delivery: string): Readonly<Record<string, string>> {
  const account = createSigner({ key, variants, accountHash, delivery, ...then });
  const url = delivery + bucketPaths[0];
  const bucket = createSigner({
    scheme: s3({ url, region: bucketRegion, credentials: bucketKeys, prefixes: 'uploads/' }),
    ...then,
  });
  return {
    FORMER_BASE: formerBase,
    POSTS: JSON.stringify(['one', 'two'].map((id) => postOf(id, account))),
    MESSAGES: JSON.stringify(messagesOf(bucket)),
    S3_KEY_ID: bucketKeys.accessKeyId,
    S3_SECRET: bucketKeys.secretAccessKey,
  };
}

function postOf(id: string, signer: Signer): StoredPost {
  const former = `${formerBase}/${accountHash}`;
  const inText = signer.signImage(`${id}-text`, 'card').replaceAll('&', '&amp;');
  return {
    id,
    title: `Post ${id}`,
    cover: signer.signImage(`${id}-cover`, 'card'),
    thumb: `${former}/${id}-thumb/thumb`,
    body: `<p>Look: <img src="${inText}" alt="signed"> <img src="${former}/${id}-former/thumb" alt="former"></p>`,
  };
}

/** Three images of a bucket, which were presigned a year ago: a file that the user has sent, and two in an answer. */
function messagesOf(signer: Signer): readonly StoredMessage[] {
  const [file, one, two] = ['file', 'one', 'two'].map((name) => signer.signImage(`uploads/${name}.png`));
  const text = `I have found two: ![one](${one}) and ![two](${two}).`;
  return [
    { id: 'first', role: 'user', parts: [{ type: 'file', mediaType: 'image/png', url: file }] },
    { id: 'second', role: 'assistant', parts: [{ type: 'text', text }] },
  ];
}
