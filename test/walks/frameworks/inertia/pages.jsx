import { useEffect, useState } from 'react';
import { Link, router } from '#inertia';

function Page({ title, urls, further }) {
  const [index, setIndex] = useState(0);
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
  }, []);
  return (
    <main>
      <nav>
        <Link href="/">home</Link> <Link href="/second">second</Link>
      </nav>
      <h1>{title}</h1>
      <img src={urls[index]} alt={title} />
      <div style={{ width: 64, height: 64, backgroundImage: `url("${urls[0]}")` }} />
      {further && <img src={further} alt="further" />}
      <button type="button" onClick={() => setIndex(1 - index)}>
        Other
      </button>
      <button type="button" onClick={() => router.reload({ only: ['further'] })}>
        Further
      </button>
    </main>
  );
}

export const pages = {
  Home: (props) => <Page title="Home" {...props} />,
  Second: (props) => <Page title="Second" {...props} />,
};
