/**
 * Counts what is thrown, also where somebody catches it: by our code, and by functions of the runtime for it, such as
 * `JSON.parse`. Each costs a stack trace, which counts in no step, and takes long where traces are deep.
 */
import { Session } from 'node:inspector';

const session = new Session();
session.connect();
session.post('Debugger.enable');
let thrown = 0;
// In the process's own session nobody resumes: it goes on by itself.
session.on('Debugger.paused', () => thrown++);

export function thrownIn(run: () => void): number {
  thrown = 0;
  session.post('Debugger.setPauseOnExceptions', { state: 'all' });
  try {
    run();
  } finally {
    session.post('Debugger.setPauseOnExceptions', { state: 'none' });
  }
  return thrown;
}
