import { createRoot, hydrateRoot } from 'react-dom/client';
import { createInertiaApp } from '#inertia';
import { pages } from './pages.jsx';

createInertiaApp({
  resolve: (name) => pages[name],
  setup({ el, App, props }) {
    if (el.hasChildNodes()) hydrateRoot(el, <App {...props} />);
    else createRoot(el).render(<App {...props} />);
  },
});
