import Image from 'next/image';
import Link from 'next/link';
import { useEffect, useState } from 'react';

/** `<Image>` as it is: its URLs are the optimizer's, one for each density of the screen. */
export function Optimized({ photo, link }) {
  const [isLarge, setLarge] = useState(false);
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
  }, []);
  return (
    <main>
      <h1>{photo.id}</h1>
      <Image src={photo.card} alt="preloaded" width={64} height={64} preload />
      <Image src={isLarge ? photo.card : photo.thumb} alt="with a state" width={64} height={64} />
      <button type="button" onClick={() => setLarge(true)}>
        Larger
      </button>
      <Link href={link} prefetch={false}>
        Further
      </Link>
    </main>
  );
}
