/** What a behaviour is: what every framework's visitors see, told without naming a framework. */
import type { Barrier } from '../barriers.ts';
import type { SiteName } from '../sites/index.ts';
import type { Subject } from '../subject.ts';
import type { Visitor } from '../visitor.ts';

export type Visit = (site: SiteName) => Promise<Visitor>;
/** Fails by throwing. */
export type Behaviour = (visit: Visit, subject: Subject, createBarrier: () => Barrier) => Promise<void>;
/** By the sentence that it makes true. */
export type Behaviours = Readonly<Record<string, Behaviour>>;
