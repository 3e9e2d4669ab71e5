/** The Worker that the benchmark asks, with the built package: each page is made in it, signed or not. */
import { imageSigner } from '../../dist/fetch.js';

const sign = imageSigner({ key: 'a-key-for-the-benchmark', ttl: '1d', variants: ['card', 'thumb'] });
const filler =
  '<p>the light of a harbour morning and boats that came in with nets full over water</p>\n'.repeat(17);

/** 100 KB with 60 images: the `same` page, a `mixed` one of images that were seen before, or a `fresh` one of new ones. */
function page(kind, n) {
  let html = `<!doctype html><title>${kind === 'same' ? 0 : n}</title>`;
  for (let i = 0; i < 60; i++) {
    const image = kind === 'fresh' ? n * 60 + i : kind === 'mixed' ? (n * 7 + i) % 200 : i;
    const id = `${String(image).padStart(8, '0')}-7b3d-4f58-9c21-5d8e03b7f6a1`;
    html += `${filler}<img src="https://imagedelivery.net/cheeW4oKsx5ljh8e8BoL2A/${id}/card" alt="">\n`;
  }
  return new Response(html, { headers: { 'content-type': 'text/html' } });
}

export default {
  fetch(request) {
    const [, way, kind, n] = new URL(request.url).pathname.split('/');
    return way === 'signed' ? sign(request, () => page(kind, Number(n))) : page(kind, Number(n));
  },
};
