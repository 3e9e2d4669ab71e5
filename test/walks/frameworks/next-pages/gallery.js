import Image from 'next/image';
import Link from 'next/link';
import { useEffect, useState } from 'react';

export function Gallery({ title, photos, link }) {
  const [isLarge, setLarge] = useState(false);
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
  }, []);
  return (
    <main>
      <h1>{title}</h1>
      {photos.map((photo) => (
        <div key={photo.id}>
          {/* biome-ignore lint/performance/noImgElement: both elements are to be seen */}
          <img src={isLarge ? photo.card : photo.thumb} alt={photo.id} />
          <Image src={photo.card} alt={photo.id} width={64} height={64} loading="eager" unoptimized />
        </div>
      ))}
      <button type="button" onClick={() => setLarge(true)}>
        Larger
      </button>
      <Link href={link} prefetch={false}>
        Further
      </Link>
    </main>
  );
}
