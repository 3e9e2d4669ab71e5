import Image from 'next/image';
import { Optimized } from '../../../../optimized.js';
import { photoOf } from '../../../../photos.js';
import { signPhoto } from '../../../../signer.js';

export const dynamic = 'force-dynamic';

export default async function Page({ params }) {
  const photo = signPhoto(photoOf((await params).id));
  return (
    <>
      <Image src={photo.thumb} alt="in a Server Component" width={64} height={64} />
      <Optimized photo={photo} link="/recipe/optimized/second" />
    </>
  );
}
