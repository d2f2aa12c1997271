import type { Duty, DutyReport, Reconciling } from './duty.ts';
import { duty as finishDead } from './duties/finish-dead.ts';
import { duty as missedAlarms } from './duties/missed-alarms.ts';
import { duty as missedStops } from './duties/missed-stops.ts';
import { duty as releaseLeases } from './duties/release-leases.ts';
import { duty as revertDue } from './duties/revert-due.ts';
import { duty as stalledDeployments } from './duties/stalled-deployments.ts';
import { duty as startOpening } from './duties/start-opening.ts';
import { duty as takeUpAgain } from './duties/take-up-again.ts';
import { duty as watchStorms } from './duties/watch-storms.ts';

/** In this order: what is running is brought to its end before anything new is begun. A test compares it with the folder. */
export const DUTIES: readonly Duty[] = [
  startOpening,
  finishDead,
  releaseLeases,
  revertDue,
  watchStorms,
  takeUpAgain,
  missedAlarms,
  missedStops,
  stalledDeployments,
];

export type Done = DutyReport & { readonly duty: string };

/** Does every duty; one that fails does not keep the others from theirs. */
export async function reconcile(context: Reconciling, duties: readonly Duty[] = DUTIES): Promise<Done[]> {
  const done: Done[] = [];
  for (const duty of duties) {
    if (context.now() >= context.deadline) {
      done.push({
        duty: duty.name,
        looked: 0,
        did: [],
        left: ['there was no time left: the next run begins with it again'],
      });
      continue;
    }
    done.push({ duty: duty.name, ...(await attempt(duty, context)) });
  }
  return done;
}

async function attempt(duty: Duty, context: Reconciling): Promise<DutyReport> {
  try {
    return await duty.run(context);
  } catch (error) {
    return { looked: 0, did: [], left: [`the duty itself failed: ${String(error)}`] };
  }
}
