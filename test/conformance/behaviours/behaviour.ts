/** What a behaviour is: what every framework's visitors see, told without naming a framework. */
import type { Gate } from '../gates.ts';
import type { SiteName } from '../sites/index.ts';
import type { Visitor } from '../visitor.ts';

export type Visit = (site: SiteName) => Promise<Visitor>;
/** Fails by throwing. */
export type Behaviour = (visit: Visit, createGate: () => Gate) => Promise<void>;
/** By the sentence that it makes true. */
export type Behaviours = Readonly<Record<string, Behaviour>>;
