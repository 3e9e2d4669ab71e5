import { renderToString } from 'react-dom/server';
import { createInertiaApp } from '#inertia';
import { pages } from './pages.jsx';

/** @returns the page object in a script, and the markup that a browser hydrates */
export async function renderPage(page) {
  const { body } = await createInertiaApp({
    page,
    render: renderToString,
    resolve: (name) => pages[name],
    setup: ({ App, props }) => <App {...props} />,
  });
  return body;
}
