/** `res.render` and `ctx.render`, whose views get copies of their data with the URLs signed. It knows no view engine. */
import type { UrlMapper } from '../../rewriting/edit-url.ts';
import { mapValues } from '../../rewriting/locals.ts';

type Render = (view: string, ...rest: unknown[]) => unknown;

/** What has the method, or may get it: a response of Express, a context of Koa. */
export interface Renderer {
  render?: Render;
}

/**
 * Hands the changed values to `render` as options, which frameworks merge over the data that all views get. That itself
 * stays as it is: in its place, writes of a render callback would be lost. Which `render` that is, is asked at each call:
 * an app of Express that takes a response over changes what it inherits. Where there is none yet, the first one that is
 * set is meant; who puts another in its place calls it.
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
  const own = Object.getOwnPropertyDescriptor(renderer, 'render');
  if (typeof own?.value === 'function') renderer.render = signed(own.value as Render);
  else signInheritedRender(renderer, signed);
}

function signInheritedRender(renderer: Renderer, signed: (render: Render) => Render): void {
  let last: { readonly inherited: Render; readonly signed: Render } | undefined;
  const find = (): unknown => {
    const inherited: unknown = Reflect.get(Object.getPrototypeOf(renderer) as object, 'render', renderer);
    if (typeof inherited !== 'function') return inherited;
    // The same one each time, for those who compare.
    if (last?.inherited !== inherited)
      last = { inherited: inherited as Render, signed: signed(inherited as Render) };
    return last.signed;
  };
  Object.defineProperty(renderer, 'render', {
    configurable: true,
    get: find,
    set(this: Renderer, value: unknown) {
      const isFirst = typeof value === 'function' && typeof find() !== 'function';
      Object.defineProperty(this, 'render', {
        value: isFirst ? signed(value as Render) : value,
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
