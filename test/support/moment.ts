/** A moment that one part of a test waits for, and another one brings about. */
export function moment<Value = void>(): { readonly comes: Promise<Value>; come(value: Value): void } {
  let come: (value: Value) => void = () => {};
  const comes = new Promise<Value>((resolve) => {
    come = resolve;
  });
  return { comes, come: (value) => come(value) };
}
