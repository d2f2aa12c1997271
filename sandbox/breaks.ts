import type { RunningAccount } from './account-file.ts';
import { deployBroken } from './breaks/deploy-broken.ts';
import { killTask } from './breaks/kill-task.ts';
import { stopTask } from './breaks/stop-task.ts';
import { writeParameter } from './breaks/write-parameter.ts';

/** One way to break something in the running account: `npm run sandbox -- break <name> [args]`. Works on any app. */
export interface Break {
  readonly name: string;
  /** Its arguments, e.g. `<service>`. */
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  /**
   * @returns what was done, for the terminal
   * @throws Refusal when the arguments do not fit the account
   */
  run(args: readonly string[], account: RunningAccount): Promise<string>;
}

/** Every way there is. */
export const breaks: readonly Break[] = [deployBroken, writeParameter, killTask, stopTask];
