import { Suspense, use, useEffect, useState } from 'react';

/** Renders from `state` alone, on the server and in the browser. */
export function Gallery({ state, late }) {
  const [isLarge, setLarge] = useState(false);
  const [hasMore, setMore] = useState(false);
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
  }, []);
  return (
    <main>
      <h1>{state.title}</h1>
      {state.photos.map((photo) => (
        <img key={photo.id} src={isLarge ? photo.card : photo.thumb} alt={photo.id} />
      ))}
      <div style={{ width: 64, height: 64, backgroundImage: `url("${state.cover}")` }} />
      {hasMore && <img src={state.further} alt="further" />}
      <Suspense fallback="Loading">
        <Late photo={state.photos[0]} late={late} />
      </Suspense>
      <button type="button" onClick={() => setLarge(true)}>
        Larger
      </button>
      <button type="button" onClick={() => setMore(true)}>
        More
      </button>
    </main>
  );
}

function Late({ photo, late }) {
  use(late);
  return <img src={photo.card} srcSet={`${photo.thumb} 1x, ${photo.card} 2x`} alt="late" />;
}
