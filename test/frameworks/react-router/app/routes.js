import { index, route } from '@react-router/dev/routes';

export default [
  index('routes/home.jsx'),
  ...['second', 'awaited', 'signed'].map((name) => route(name, `routes/${name}.jsx`)),
];
