import { join } from 'node:path';
import type { DeployedResource } from '../contract.ts';
import type { Account } from '../deploy/arns.ts';
import type { Template } from '../deploy/expression.ts';
import { functionKey, sessionOf, type Sessions } from '../endpoint/caller.ts';
import { Judge } from './judge.ts';
import type { TagsOf } from './requests.ts';
import { functionRoles } from './roles.ts';
import { RIGHTS_FILE, UsedRights, type RightsRecord } from './used.ts';

/** Whether a template is Prunella's: it says so in its metadata, whatever the stack is called. */
const isJudged = (template: Template): boolean => {
  const metadata = template['Metadata'];
  return typeof metadata === 'object' && metadata !== null && 'Prunella' in metadata;
};

/** The rights of deployed roles, enforced where calls come in. */
export class Rights {
  readonly judge: Judge;
  readonly #used: UsedRights;
  readonly #sessions: Sessions;
  readonly #judged = new Set<string>();

  /** @param stateDir where the record is kept, as `rights.json`: what was used, refused, and granted for nothing so far */
  constructor(account: Account, tagsOf: TagsOf, sessions: Sessions, stateDir: string) {
    this.#used = new UsedRights(join(stateDir, RIGHTS_FILE));
    this.#sessions = sessions;
    this.judge = new Judge({ account, tagsOf, used: this.#used });
  }

  /** A template is on its way in. */
  deploying(stackName: string, template: Template): void {
    if (isJudged(template)) this.#judged.add(stackName);
    else this.#judged.delete(stackName);
  }

  /** Takes over roles and functions. From then on each function's calls are known to be its own. */
  adopt(all: readonly DeployedResource[]): void {
    this.judge.adopt(all, (stackName) => this.#judged.has(stackName));
    for (const { functionName, roleArn } of functionRoles(all))
      this.#sessions.remember(functionKey(functionName), sessionOf(roleArn, functionName));
  }

  record(): RightsRecord {
    return this.#used.record();
  }

  /** Writes the file with all that is known by now. */
  stop(): void {
    this.#used.flush();
  }
}
