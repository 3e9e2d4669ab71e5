import { keepImagesFresh } from 'image-signer/client';
import { hydrateRoot } from 'react-dom/client';
import { Album } from './album.jsx';

const state = JSON.parse(document.getElementById('state').textContent);
hydrateRoot(document.getElementById('root'), <Album state={state} opened={location.pathname} />);
keepImagesFresh({ endpoint: state.endpoint });
