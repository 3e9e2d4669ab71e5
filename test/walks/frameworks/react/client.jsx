import { hydrateRoot } from 'react-dom/client';
import { Gallery } from './gallery.jsx';

const island = document.getElementById('state');
const state = island === null ? window.state : JSON.parse(island.textContent);
const root = document.getElementById('root');
hydrateRoot(root, <Gallery state={state} late={Promise.resolve()} />);
