import config from '@payload-config';
import { getPayload } from 'payload';
import { fields, signer } from '../../signer.js';

export const dynamic = 'force-dynamic';

export default async function Page() {
  const payload = await getPayload({ config });
  const { docs } = await payload.find({ collection: 'articles' });
  const [article] = signer.signData(docs, { fields });
  const urls = [
    article.cover,
    article.photo.url,
    article.body.root.children[0].children[0].fields.url,
    article.gallery[0].image,
    /!\[\]\(([^)]*)\)/.exec(article.notes)[1],
  ];
  const images = urls.map((url) => `<img alt="" src="${url.replace('&', '&amp;')}">`);
  // biome-ignore lint/security/noDangerouslySetInnerHtml: HTML of this test's own
  return <div dangerouslySetInnerHTML={{ __html: article.embed + images.join('') }} />;
}
