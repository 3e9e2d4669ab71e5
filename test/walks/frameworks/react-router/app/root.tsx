import { useEffect } from 'react';
import { Link, Outlet, Scripts } from 'react-router';

export default function Root() {
  useEffect(() => {
    document.documentElement.dataset.hydrated = '';
  }, []);
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <link rel="icon" href="data:," />
      </head>
      <body>
        <nav>
          <Link to="/">home</Link> <Link to="/second">second</Link> <Link to="/awaited">awaited</Link>{' '}
          <Link to="/signed">signed</Link> <Link to="/stored">stored</Link> <Link to="/posts">posts</Link>{' '}
          <Link to="/wrapped">wrapped</Link>
        </nav>
        <Outlet />
        <Scripts />
      </body>
    </html>
  );
}
