import * as z from 'zod';
import type { AuditEntry } from '../layers/core/audit.ts';
import type { Incident } from '../layers/core/incident.ts';
import {
  FATES,
  horizonOf,
  judgeSuggestion,
  Suggestion,
  type Aftermath,
  type Fate,
  type Judged,
  type SuggestionReport,
} from '../layers/core/suggestion.ts';
import { percent, type Instant } from '../layers/core/units.ts';
import * as audit from '../layers/runtime/kb/audit.ts';
import * as incidents from '../layers/runtime/kb/incidents.ts';
import * as knowledge from '../layers/runtime/kb/knowledge.ts';
import type { Output } from './command.ts';

/** Incidents of a resource that are looked at for what came after. */
const LATER = 20;

const Suggested = z.object({ suggested: Suggestion });
const Well = z.object({ wellAt: z.string() });
const ClosedWell = z.object({ well: z.literal(true) });

/** The suggestion an incident ended with, from its trail; undefined where there is none. */
export const suggestionIn = (trail: readonly AuditEntry[]): Suggestion | undefined =>
  trail.map(({ saw }) => Suggested.safeParse(saw).data?.suggested).findLast((one) => one !== undefined);

/** When a trail says that the resource had got well without a healing. */
export function wellIn(trail: readonly AuditEntry[]): Instant | undefined {
  for (const { at, saw } of trail) {
    const well = Well.safeParse(saw).data?.wellAt ?? (ClosedWell.safeParse(saw).success ? at : undefined);
    if (well !== undefined) return well;
  }
  return undefined;
}

/** Every suggestion among these incidents, judged by what happened next. */
export async function judgeSuggestions(list: readonly Incident[], now: Instant): Promise<Judged[]> {
  const judged: Judged[] = [];
  for (const { incidentId, resource, ending } of list) {
    if (ending?.kind !== 'suppressed' || ending.because !== 'suggest') continue;
    const trail = await audit.trail(incidentId);
    const made = suggestionIn(trail);
    if (!made) continue;
    const aftermath = await aftermathOf(made, trail, await incidents.byResource(resource, LATER), now);
    judged.push({ ...made, fate: judgeSuggestion(made, aftermath) });
  }
  return judged;
}

async function aftermathOf(
  made: Suggestion,
  trail: readonly AuditEntry[],
  ofResource: readonly Incident[],
  now: Instant,
): Promise<Aftermath> {
  const horizon = horizonOf(made);
  const later = ofResource.filter(({ openedAt }) => openedAt > made.at && openedAt <= horizon);
  const arns = [...new Set([made.resource, ...made.mutations.map(({ resource }) => resource)])];
  const [changes, attempts, ...wellLater] = await Promise.all([
    Promise.all(arns.map((arn) => knowledge.changes(arn, made.at, now < horizon ? now : horizon))),
    Promise.all(later.map(({ incidentId }) => incidents.attempts(incidentId))),
    ...later.map(wellAfter),
  ]);
  const wellAt = wellIn(trail) ?? wellLater.filter((at) => at !== undefined).sort()[0];
  return { changes: changes.flat(), later: attempts.flat(), wellAt, now };
}

async function wellAfter({ incidentId, ending, closedAt }: Incident): Promise<Instant | undefined> {
  if (ending?.kind === 'recovered') return closedAt;
  return wellIn(await audit.trail(incidentId));
}

const MEANING: Readonly<Record<Fate, string>> = {
  right: 'right: that very change was made, and it got well',
  wrong: 'wrong: that change was made, and it did not help',
  other: 'another change came before it got well',
  'not-needed': 'not needed: it got well by itself as soon',
  unclear: 'unclear: it got well later, nobody knows why',
  'still-sick': 'still sick',
};

/** For a person: what mode heal would have done, how often it would have been right, and what it would have risked. */
export function printSuggestions(report: SuggestionReport, out: Output): void {
  const { suggestions, fates, judged, right, risks, undoable, worstDisruption, byAction, conclusion } = report;
  if (suggestions === 0) return;
  out.line(`\nIn mode heal, ${suggestions} ${suggestions === 1 ? 'change' : 'changes'} would have been made:`);
  for (const fate of FATES) if (fates[fate] > 0) out.line(`  ${String(fates[fate]).padStart(4)}  ${MEANING[fate]}`);
  if (right.share !== undefined)
    out.line(
      `Right: ${percent(right.share)} of the ${judged} that can be judged (95 % interval ${percent(right.from)} to ${percent(right.to)})`,
    );
  const taken = Object.entries(risks).map(([risk, count]) => `${count} × ${risk}`);
  out.line(
    `Risk taken: ${taken.join(', ')}; ${undoable} of ${suggestions} could have been undone or leave nothing changed; at most ${percent(worstDisruption)} of a resource's capacity gone for a time`,
  );
  out.table(
    byAction.map((one) => ({ action: one.action, risk: one.risk, suggested: one.suggested, ...one.fates })),
    '',
  );
  out.line(conclusion);
}
