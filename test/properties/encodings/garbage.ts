/** What is still held once the collector has been by. */
import { setImmediate as immediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** @returns how many of them somebody still holds */
export async function stillHeld(references: readonly WeakRef<object>[]): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // what the flag has put there
  let held = references.length;
  for (let at = 0; at < 5 && held > 0; at++) {
    await immediate(); // a reference holds its target until the turn is over
    collect();
    held = references.filter((each) => each.deref() !== undefined).length;
  }
  return held;
}
