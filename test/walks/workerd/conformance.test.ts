/** What every server does, in the runtime of Cloudflare. */
import { honoWorker, worker } from '../../conformance/drivers/worker.ts';
import { runConformance } from '../../conformance/suite.ts';

runConformance([worker, honoWorker]);
