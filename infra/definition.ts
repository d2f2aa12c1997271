import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Seconds } from '../layers/core/units.ts';

const file = join(import.meta.dirname, '..', 'statemachines', 'heal.asl.json');
const text = readFileSync(file, 'utf8');

const Asl = z.object({
  TimeoutSeconds: z.number(),
  States: z.record(
    z.string(),
    z.object({
      TimeoutSeconds: z.unknown().optional(),
      Parameters: z.object({ FunctionName: z.unknown().optional() }).optional(),
    }),
  ),
});

/**
 * The heal machine as it is written, but for its one number: a placeholder has to stand in quotes, so that the file is
 * JSON, and Step Functions refuses a timeout that is text.
 * @throws Error when a person may take longer than an execution lives: it would die as a fault of ours, unanswered
 */
export function definition(approvalTimeout: Seconds): string {
  const { TimeoutSeconds: most } = Asl.parse(JSON.parse(text));
  if (approvalTimeout > most / 2)
    throw new Error(
      `supply an approvalTimeout of at most ${most / 2} s, so that there is time to act after it (an execution ends after ${most} s), got ${approvalTimeout} s`,
    );
  return JSON.stringify(JSON.parse(text)).replaceAll('"${ApprovalTimeoutSeconds}"', String(approvalTimeout));
}

/** A state waits this much longer than its function may run, so that a retry never meets the first try at work. */
const LONGER = 15;

/**
 * How long the function behind a placeholder `${<step>Arn}` may run: what its states wait, less a margin.
 * @throws Error when no state with a timeout calls it, or one that is not longer than the margin
 */
export function timeoutOf(step: string): Seconds {
  const calling = Object.values(Asl.parse(JSON.parse(text)).States).filter(
    ({ Parameters }) => Parameters?.FunctionName === `\${${step}Arn}`,
  );
  const shortest = Math.min(...calling.map(({ TimeoutSeconds }) => Number(TimeoutSeconds)));
  if (Number.isFinite(shortest) && shortest > LONGER) return shortest - LONGER;
  throw new Error(`${file}: a state that calls ${step} must have a TimeoutSeconds over ${LONGER}, found ${shortest}`);
}
