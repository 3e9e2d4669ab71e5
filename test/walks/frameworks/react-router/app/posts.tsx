import { Suspense, useState } from 'react';
import { Await } from 'react-router';
import type { Post } from './post.server.ts';

export function Posts({
  title,
  posts,
  later,
}: {
  title: string;
  posts: readonly Post[];
  later?: Promise<Post>;
}) {
  const [index, setIndex] = useState(0);
  return (
    <main>
      <h1>{title}</h1>
      <Article post={posts[index]!} />
      <button type="button" onClick={() => setIndex(1 - index)}>
        Other
      </button>
      {later && (
        <Suspense fallback="Loading">
          <Await resolve={later}>{(post) => <img src={post.cover} alt="later" />}</Await>
        </Suspense>
      )}
    </main>
  );
}

function Article({ post }: { post: Post }) {
  return (
    <article>
      <img src={post.cover} alt="cover" />
      <img src={post.thumb} alt="thumb" />
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: the rich text that the site's editors have written */}
      <div dangerouslySetInnerHTML={{ __html: post.body }} />
    </article>
  );
}
