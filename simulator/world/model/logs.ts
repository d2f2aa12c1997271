import type { Random } from '../../../sandbox/load/random.ts';
import type { Milliseconds, Seconds } from '../../../layers/core/units.ts';
import type { Mistake } from './traits.ts';

export interface LogLine {
  readonly at: Milliseconds;
  readonly stream: string;
  readonly text: string;
}

/** Lines a program writes of one kind in a step: a busy log is sampled, as a rate-limited logger would. */
export const LINES_AT_MOST = 40;

/** Log groups with their lines, oldest first. */
export class Logs {
  readonly groups = new Map<string, LogLine[]>();
  readonly #kept: Seconds;

  constructor(kept: Seconds) {
    this.#kept = kept;
  }

  create(group: string): void {
    this.groups.set(group, []);
  }

  write(group: string, at: Milliseconds, stream: string, text: string): void {
    this.groups.get(group)!.push({ at, stream, text });
  }

  forget(now: Milliseconds): void {
    for (const [group, lines] of this.groups) {
      const first = lines.findIndex(({ at }) => at >= now - this.#kept * 1000);
      if (first !== 0) this.groups.set(group, first < 0 ? [] : lines.slice(first));
    }
  }
}

/** An error as the sandbox's services write it: one JSON line, the message static. */
export function errorLine(random: Random, mistake: Mistake, fields: Readonly<Record<string, unknown>> = {}): string {
  const text = mistake.text.replaceAll('#', () => String(1000 + Math.floor(random() * 9000)));
  const error = { name: mistake.name, message: text };
  return JSON.stringify({ level: 'ERROR', message: mistake.message, ...fields, status: mistake.status, error });
}
