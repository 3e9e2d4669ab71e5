import type { Request } from 'express';
import { createContext } from 'react-router';

/** What the middleware has put on the request that is answered. */
export const helpersContext = createContext<Pick<Request, 'signData' | 'signImage'>>();
