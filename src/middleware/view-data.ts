/** `res.render` and `ctx.render`, whose views get copies of their data with the URLs signed. It knows no view engine. */
import type { UrlMapper } from '../rewriting/edit-url.ts';
import { mapValues } from '../rewriting/locals.ts';

type Render = (view: string, ...rest: unknown[]) => unknown;

/** What has the method, or may get it: a response of Express, a context of Koa. */
export interface Renderer {
  render?: Render;
}

/**
 * Hands the changed values to `render` as options, which frameworks merge over the data that all views get. That itself
 * stays as it is: in its place, writes of a render callback would be lost. Where there is no `render` yet, the first one
 * that is set is meant; who puts another in its place calls it.
 * @param shared - the data that all views of the response get
 * @param mapper - asked at each call; undefined leaves the data alone
 */
export function rewriteViewData(
  renderer: Renderer,
  shared: () => object | undefined,
  mapper: () => UrlMapper | undefined,
  onFault: (error: unknown) => void,
): void {
  const signed = (render: Render): Render => withSignedLocals(render, renderer, shared, mapper, onFault);
  const { render } = renderer;
  if (typeof render === 'function') renderer.render = signed(render);
  else whenRenderIsSet(renderer, signed);
}

/** Until then there is none, as before. */
function whenRenderIsSet(renderer: Renderer, signed: (render: Render) => Render): void {
  const before = renderer.render;
  Object.defineProperty(renderer, 'render', {
    configurable: true,
    get: () => before,
    set(this: Renderer, value: unknown) {
      const render = typeof value === 'function' ? signed(value as Render) : value;
      Object.defineProperty(this, 'render', {
        value: render,
        writable: true,
        configurable: true,
        enumerable: true,
      });
    },
  });
}

function withSignedLocals(
  render: Render,
  renderer: Renderer,
  shared: () => object | undefined,
  mapper: () => UrlMapper | undefined,
  onFault: (error: unknown) => void,
): Render {
  return function renderWithSignedLocals(view, ...rest) {
    const [given, callback] = typeof rest[0] === 'function' ? [undefined, rest[0]] : rest;
    const map = mapper();
    if (map === undefined) return render.call(renderer, view, given, callback);
    const locals = shared() ?? {};
    const own = typeof given === 'object' && given !== null ? given : {};
    let mapped: object[];
    try {
      mapped = mapValues([locals, own], map);
    } catch (error) {
      onFault(error); // a proxy, say, that will not be looked at
      return render.call(renderer, view, given, callback);
    }
    const [mappedLocals, mappedOwn] = mapped as [object, object];
    const options = mappedLocals === locals ? mappedOwn : overlay(locals, mappedLocals, mappedOwn);
    return render.call(renderer, view, options, callback);
  };
}

/** The options, and behind them those locals that have changed. */
function overlay(locals: object, mappedLocals: object, options: object): object {
  const merged: object = Object.create(Object.getPrototypeOf(options));
  const before = Object.getOwnPropertyDescriptors(locals) as Record<string, PropertyDescriptor>;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(mappedLocals))) {
    if (descriptor.value !== before[name]?.value) Object.defineProperty(merged, name, descriptor);
  }
  return Object.defineProperties(merged, Object.getOwnPropertyDescriptors(options));
}
