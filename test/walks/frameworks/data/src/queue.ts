import { addJob, sendMail } from './jobs.js';
import { signer } from './signer.js';

interface Digest {
  readonly to: string;
  readonly posts: readonly { readonly title: string; readonly cover: string }[];
}

export function enqueue(digest: Digest): Promise<void> {
  return addJob('digest', signer.unsignData(digest));
}

export function runJob(digest: Digest): Promise<void> {
  // The app decided who may see the images before it queued the job.
  const { to, posts } = signer.signData(digest, { ttl: '30d', authorize: false });
  const html = posts.map(({ title, cover }) => `<img src="${cover}" alt="">${title}`);
  return sendMail(to, html.join('\n'));
}
