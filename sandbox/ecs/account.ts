import type { Announcer } from './announce.ts';
import type { TaskDefinitions } from './definitions.ts';
import type { Rollouts } from './rollout.ts';
import type { Services } from './services.ts';
import type { Tasks } from './tasks.ts';

/** Everything the ECS of an account is made of, as its operations need it. */
export interface EcsAccount {
  readonly services: Services;
  readonly definitions: TaskDefinitions;
  readonly rollouts: Rollouts;
  readonly tasks: Tasks;
  readonly announcer: Announcer;
}
