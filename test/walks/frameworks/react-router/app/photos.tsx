import { Suspense, useState } from 'react';
import { Await } from 'react-router';

export interface PhotosProps {
  title: string;
  urls: readonly string[];
  later?: Promise<string>;
}

export function Photos({ title, urls, later }: PhotosProps) {
  const [index, setIndex] = useState(0);
  return (
    <main>
      <h1>{title}</h1>
      <img src={urls[index]} alt={title} />
      <div style={{ backgroundImage: `url("${urls[0]}")` }}>background</div>
      <button type="button" onClick={() => setIndex(1 - index)}>
        Other
      </button>
      {later && (
        <Suspense fallback="Loading">
          <Await resolve={later}>{(url) => <img src={url} alt="later" />}</Await>
        </Suspense>
      )}
    </main>
  );
}
