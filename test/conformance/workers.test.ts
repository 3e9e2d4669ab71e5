/** What every server does, in the runtime of Cloudflare. */
import { honoWorker, worker } from './drivers/worker.ts';
import { runConformance } from './suite.ts';

runConformance([worker, honoWorker]);
