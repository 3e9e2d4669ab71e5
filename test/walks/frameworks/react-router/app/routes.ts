import { index, type RouteConfig, route } from '@react-router/dev/routes';

export default [
  index('routes/home.tsx'),
  ...['second', 'awaited', 'signed', 'stored', 'posts', 'wrapped'].map((name) =>
    route(name, `routes/${name}.tsx`),
  ),
  route('edit/:id', 'routes/edit.tsx'),
  route('database', 'routes/database.ts'),
] satisfies RouteConfig;
