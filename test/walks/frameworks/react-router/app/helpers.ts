import type { Request } from 'express';
import { createContext } from 'react-router';

/** The helpers that the middleware has put on the request. */
export const helpersContext = createContext<Pick<Request, 'signData' | 'signImage'>>();
