import { Gallery } from '../../../gallery.js';
import { photoOf } from '../../../photos.js';
import { signPhoto } from '../../../signer.js';

export const dynamic = 'force-dynamic';

export default function Page() {
  const photos = ['three', 'four'].map((id) => signPhoto(photoOf(id)));
  return (
    <>
      {/* biome-ignore lint/performance/noImgElement: this one is rendered on the server alone */}
      <img src={photos[0].card} alt="on the server" />
      <Gallery title="Second" photos={photos} link="/recipe/isr" />
    </>
  );
}
