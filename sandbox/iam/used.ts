import { writeFileSync } from 'node:fs';
import { like, matchesArn } from './match.ts';
import type { Role } from './roles.ts';

/** A right that was used, or asked for in vain. */
export interface Use {
  /** The role's ARN. */
  readonly role: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly action: string;
  readonly resource: string;
}

export interface Refused extends Use {
  readonly message: string;
}

/** What the file holds: every right that was used since the account came up, refusals, and grants that nothing used. */
export interface RightsRecord {
  readonly used: readonly Use[];
  readonly refused: readonly Refused[];
  readonly unused: readonly {
    readonly role: string;
    readonly logicalId: string;
    readonly actions: readonly string[];
  }[];
}

/** Where the record is kept, in the folder of the account's run. */
export const RIGHTS_FILE = 'rights.json';

const keyOf = ({ role, action, resource }: Use): string => [role, action, resource].join(' ');

/** Remembers which rights calls made use of, and keeps a file of it up to date. */
export class UsedRights {
  readonly #file: string;
  readonly #used = new Map<string, Use>();
  readonly #refused = new Map<string, Refused>();
  #roles: readonly Role[] = [];
  #writing: NodeJS.Timeout | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** The roles that there are by now. */
  knows(roles: readonly Role[]): void {
    this.#roles = roles;
    this.#write();
  }

  use(use: Use): void {
    if (this.#used.has(keyOf(use))) return;
    this.#used.set(keyOf(use), use);
    this.#write();
  }

  refuse(refused: Refused): void {
    this.#refused.set(keyOf(refused), refused);
    this.#write();
  }

  record(): RightsRecord {
    return {
      used: [...this.#used.values()],
      refused: [...this.#refused.values()],
      unused: this.#roles.flatMap((role) => {
        const actions = unusedActions(role, [...this.#used.values()]);
        return actions.length === 0 ? [] : [{ role: role.arn, logicalId: role.logicalId, actions }];
      }),
    };
  }

  /** Writes what is not written yet. */
  flush(): void {
    clearTimeout(this.#writing);
    this.#writing = undefined;
    writeFileSync(this.#file, `${JSON.stringify(this.record(), undefined, 2)}\n`);
  }

  #write(): void {
    this.#writing ??= setTimeout(() => this.flush(), 500).unref();
  }
}

/** The actions that a role's policies allow on something, and that none of its uses needed on any of that. */
function unusedActions(role: Role, used: readonly Use[]): string[] {
  const own = used.filter((use) => use.role === role.arn);
  const unused = role.identity
    .filter(({ effect, actions }) => effect === 'Allow' && !actions.but)
    .flatMap(({ actions, resources }) =>
      actions.patterns.filter(
        (pattern) =>
          !own.some(
            ({ action, resource }) =>
              like(pattern, action, true) && resources.patterns.some((each) => matchesArn(each, resource)),
          ),
      ),
    );
  return [...new Set(unused)].sort();
}
