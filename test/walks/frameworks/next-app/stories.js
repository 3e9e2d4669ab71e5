'use client';
import Image from 'next/image';
import Link from 'next/link';
import { useEffect, useState } from 'react';

/** Shows one post, and gets them anew from the route handler. */
export function Stories({ title, posts: first, link }) {
  const [posts, setPosts] = useState(first);
  const [index, setIndex] = useState(0);
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
  }, []);
  const load = async () => setPosts(await (await fetch('/recipe/stored/posts')).json());
  const post = posts[index];
  return (
    <main>
      <h1>{title}</h1>
      <Image src={post.cover} alt="cover" width={64} height={64} loading="eager" />
      {/* biome-ignore lint/performance/noImgElement: both elements are to be seen */}
      <img src={post.thumb} alt="thumb" />
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the rich text that the site's editors have written */}
      <div dangerouslySetInnerHTML={{ __html: post.body }} />
      <button type="button" onClick={() => setIndex(1 - index)}>
        Another
      </button>
      <button type="button" onClick={load}>
        Again
      </button>
      <Link href={link} prefetch={false}>
        Further
      </Link>
    </main>
  );
}
