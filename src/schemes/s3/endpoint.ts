/** Mistakes in the endpoint that show before the first image is refused. A store that is not listed is not judged. */
import type { Base } from '../../url/base.ts';
import { asName, describe } from '../../validation/message.ts';
import { encodePath } from './query.ts';

export interface EndpointMistake {
  readonly option: 'url' | 'region';
  readonly message: string;
}

export function endpointMistake({ authority = '', path }: Base, region: string): EndpointMistake | undefined {
  if (encodePath(path) !== path)
    return mistake(
      'url',
      'expected a path as AWS spells it: letters, digits, -._~ and escapes in upper case.',
    );
  const host = authority.replace(/:\d*$/, '');
  if (/\.amazonaws\.com(?:\.cn)?$/.test(host)) return awsMistake(host, path, region);
  if (host.endsWith('.r2.cloudflarestorage.com')) return r2Mistake(host, path, region);
  if (host.endsWith('.r2.dev'))
    return mistake(
      'url',
      'expected the endpoint <account>.r2.cloudflarestorage.com with the bucket as its path: a public r2.dev URL takes no signature.',
    );
  if (host === 'storage.googleapis.com' && path === '') return missingBucket;
  return undefined;
}

const missingBucket: EndpointMistake = {
  option: 'url',
  message:
    "expected the URL of a bucket, got that of all of them. Append the bucket: 'https://<endpoint>/photos'.",
};

function mistake(option: EndpointMistake['option'], message: string): EndpointMistake {
  return { option, message };
}

/** @see AWS, "Amazon Simple Storage Service endpoints and quotas" */
function awsMistake(host: string, path: string, region: string): EndpointMistake | undefined {
  const labels = host.replace(/\.amazonaws\.com(?:\.cn)?$/, '').split('.');
  if (labels.at(-1)!.startsWith('s3-website-') || labels.at(-2) === 's3-website')
    return mistake(
      'url',
      `expected the bucket's REST endpoint, such as 'https://photos.s3.eu-central-1.amazonaws.com': a website endpoint takes no signature.`,
    );
  if (/^s3(?:-|$)/.test(labels[0]!) && labels.length <= 3 && isEndpoint(labels) && path === '')
    return missingBucket;
  const named = regionOf(labels.at(-1)!);
  return named === undefined || named === region
    ? undefined
    : mistake(
        'region',
        `expected '${named}', as in the url, got ${describe(region, asName)}. S3 refuses a signature for another region.`,
      );
}

/** Whether the labels are those of an endpoint alone: `s3`, `s3.<region>`, `s3-<region>`, `s3.dualstack.<region>`. */
function isEndpoint(labels: readonly string[]): boolean {
  return labels
    .slice(1)
    .every((label, index) => label === 'dualstack' || (index === labels.length - 2 && regionOf(label)));
}

/** @param label - `eu-central-1`, or `s3-eu-central-1` as older endpoints have it */
function regionOf(label: string): string | undefined {
  return /^(?:s3-)?([a-z]{2,5}(?:-[a-z]+){1,2}-\d{1,2})$/.exec(label)?.[1];
}

/**
 * R2's region is `auto`, and `us-east-1` is an alias. It takes its location hints as well.
 * @see Cloudflare R2, "S3 API compatibility", bucket region
 */
const r2Regions: readonly string[] = ['auto', 'us-east-1', 'wnam', 'enam', 'weur', 'eeur', 'apac', 'oc'];

function r2Mistake(host: string, path: string, region: string): EndpointMistake | undefined {
  if (/^[\da-f]{32}\.(?:[a-z]+\.)?r2\./.test(host) && path === '') return missingBucket;
  return r2Regions.includes(region)
    ? undefined
    : mistake('region', `expected 'auto', the region of R2, got ${describe(region, asName)}.`);
}
