import type { RunningAccount } from './account-file.ts';

/** One way to break something in the running account: `npm run sandbox -- break <name> [args]`. */
export interface Break {
  readonly name: string;
  /** e.g. `<service>` */
  readonly usage: string;
  /** One line. */
  readonly summary: string;
  /** @returns what was done, for the terminal */
  run(args: readonly string[], account: RunningAccount): Promise<string>;
}

/** Every way there is; an app that comes with the sandbox adds its own here. */
export const breaks: readonly Break[] = [];
