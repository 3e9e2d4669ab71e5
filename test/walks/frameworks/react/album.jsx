import { useEffect, useState } from 'react';

/** Two pages whose links load no document. They render from `state`, which is as old as the document. */
export function Album({ state, opened }) {
  const [path, setPath] = useState(opened);
  const [isLarge, setLarge] = useState(false);
  const [further, setFurther] = useState([]);
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
    const show = () => setPath(location.pathname);
    addEventListener('popstate', show);
    return () => removeEventListener('popstate', show);
  }, []);
  function follow(event) {
    event.preventDefault();
    history.pushState(null, '', event.currentTarget.href);
    setPath(location.pathname);
  }
  async function fetchFurther() {
    setFurther((await (await fetch('/api/photos')).json()).photos);
  }
  if (path === '/album/covers')
    return (
      <main>
        <h1>Covers</h1>
        <a href="/album" onClick={follow}>
          Album
        </a>
        {state.photos.map((photo) => (
          <img key={photo.id} src={photo.card} alt={photo.id} width="64" height="64" />
        ))}
      </main>
    );
  const [first, ...others] = [...state.photos, ...further];
  return (
    <main>
      <h1>Album</h1>
      <a href="/album/covers" onClick={follow}>
        Covers
      </a>
      <button type="button" onClick={() => setLarge(!isLarge)}>
        Size
      </button>
      <button type="button" onClick={fetchFurther}>
        Further
      </button>
      <img src={isLarge ? first.card : first.thumb} alt="first" width="64" height="64" />
      <div style={{ height: 10_000 }} />
      {others.map((photo) => (
        <img key={photo.id} src={photo.thumb} alt={photo.id} width="64" height="64" loading="lazy" />
      ))}
    </main>
  );
}
