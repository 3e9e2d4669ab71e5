/** `res.render` and `ctx.render`: views get copies of their data with signed image URLs. */

/** Returns the same objects, or copies with signed URLs. */
type SignData = (data: readonly object[]) => readonly object[];

type Render = (view: string, ...rest: unknown[]) => unknown;

/** An Express response, a Koa context or a Fastify reply, which may get its method later. */
export interface Renderer {
  render?: Render;
  view?: Render;
  viewAsync?: Render;
}

/** A method that renders views. */
type RenderMethod = keyof Renderer;

/** The views of a response, as its adapter knows them. */
export interface Views {
  /** The data that every view of the response gets; undefined if the framework has no views. */
  readonly shared: Record<string, unknown> | undefined;
  readonly renderer: Renderer;
  readonly methods: readonly RenderMethod[];
}

/**
 * Passes changed values to `render` as options, which frameworks merge over the shared data. It never replaces the shared data
 * itself, because a render callback's writes would be lost.
 *
 * It looks the inherited `render` up at every call, because a mounted Express app changes the prototype of a response. If there is
 * none yet, the first `render` that is assigned gets signed data; a later one is expected to wrap it.
 * @param shared - the data that all views of the response get
 * @param signData - called for every view
 * @param onError - called if the data cannot be read
 */
export function rewriteViewData(
  renderer: Renderer,
  method: RenderMethod,
  shared: () => object | undefined,
  signData: SignData,
  onError: (error: unknown) => void,
): void {
  const signed = (render: Render): Render => withSignedLocals(render, renderer, shared, signData, onError);
  const own = Object.getOwnPropertyDescriptor(renderer, method);
  if (typeof own?.value === 'function') renderer[method] = signed(own.value as Render);
  else signInheritedRender(renderer, method, signed);
}

function signInheritedRender(
  renderer: Renderer,
  method: RenderMethod,
  signed: (render: Render) => Render,
): void {
  let last: { readonly inherited: Render; readonly signed: Render } | undefined;
  const find = (): unknown => {
    const inherited: unknown = Reflect.get(Object.getPrototypeOf(renderer) as object, method, renderer);
    if (typeof inherited !== 'function') return inherited;
    // Return the same function every time, for apps that compare `res.render` with a saved one.
    if (last?.inherited !== inherited)
      last = { inherited: inherited as Render, signed: signed(inherited as Render) };
    return last.signed;
  };
  Object.defineProperty(renderer, method, {
    configurable: true,
    get: find,
    set(this: Renderer, value: unknown) {
      const isFirst = typeof value === 'function' && typeof find() !== 'function';
      Object.defineProperty(this, method, {
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
  signData: SignData,
  onError: (error: unknown) => void,
): Render {
  return function renderWithSignedLocals(view, ...rest) {
    const [given, callback] = typeof rest[0] === 'function' ? [undefined, rest[0]] : rest;
    const locals = shared() ?? {};
    const own = typeof given === 'object' && given !== null ? given : {};
    let mapped: readonly object[];
    try {
      mapped = signData([locals, own]);
    } catch (error) {
      onError(error); // a proxy that throws, for example
      return render.call(renderer, view, given, callback);
    }
    const [mappedLocals, mappedOwn] = mapped as [object, object];
    if (mappedLocals === locals && mappedOwn === own) return render.call(renderer, view, given, callback);
    const options = mappedLocals === locals ? mappedOwn : overlay(locals, mappedLocals, mappedOwn);
    return render.call(renderer, view, options, callback);
  };
}

/** The changed locals, with the options of the call on top. */
function overlay(locals: object, mappedLocals: object, options: object): object {
  const merged: object = Object.create(Object.getPrototypeOf(options));
  const before = Object.getOwnPropertyDescriptors(locals) as Record<string, PropertyDescriptor>;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(mappedLocals))) {
    if (descriptor.value !== before[name]?.value) Object.defineProperty(merged, name, descriptor);
  }
  return Object.defineProperties(merged, Object.getOwnPropertyDescriptors(options));
}
