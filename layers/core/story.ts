import * as z from 'zod';
import { Arn } from './arn.ts';
import type { AuditEntry } from './audit.ts';
import { Likeness } from './experience.ts';
import { Ending, SharedCause, type Incident } from './incident.ts';
import { Impact } from './impact.ts';
import { Mode } from './mode.ts';
import { Mutation } from './mutation.ts';
import type { Attempt } from './plan.ts';

/**
 * What steps write into their audit entries (`saw`) so that the trail alone tells an incident's story: Detect what it is
 * about, Diagnose the cause, Decide the action, Recover and Rollback each change, Close how it ended and what stands.
 */
export const About = z.object({
  resource: Arn,
  openedAt: z.string(),
  since: z.string(),
  mode: Mode,
  reopens: z.string().optional(),
  /** Nothing had happened yet: a forecast opened it. */
  predicted: z.boolean().optional(),
});
export type About = z.infer<typeof About>;

export const ToldMutation = Mutation.extend({ state: z.string() });
export type ToldMutation = z.infer<typeof ToldMutation>;

const TriedAttempt = z.object({
  attempt: z.number(),
  action: z.string(),
  outcome: z.string(),
  why: z.array(z.string()),
});

/** The last facts of an incident. */
export const Closing = z.object({
  ending: Ending,
  since: z.string(),
  attempts: z.array(TriedAttempt),
  stillChanged: z.array(ToldMutation),
});
export type Closing = z.infer<typeof Closing>;

export const aboutOf = ({ resource, openedAt, onset, mode, reopens, predicted }: Incident): About => ({
  resource,
  openedAt,
  since: onset,
  mode,
  ...(reopens ? { reopens } : {}),
  ...(predicted ? { predicted } : {}),
});

export const toldMutations = (mutations: Attempt['mutations']): ToldMutation[] =>
  mutations.map(({ resource, field, was, becomes, state }) => ({ resource, field, was, becomes, state }));

/** Changes that were made, or may have been, and are not undone. */
const stands = ({ state }: ToldMutation): boolean => ['applied', 'intended', 'undo-failed'].includes(state);

export function closingOf({ onset }: Incident, ending: Ending, attempts: readonly Attempt[]): Closing {
  return {
    ending,
    since: onset,
    attempts: attempts.map(({ attempt, candidate, outcome, judged, mutations, outcomeWhy }) => ({
      attempt,
      action: candidate.action,
      outcome: mutations.length === 0 ? 'not begun' : (outcome ?? judged ?? 'unknown'),
      why: outcomeWhy,
    })),
    stillChanged: attempts.flatMap(({ mutations }) => toldMutations(mutations)).filter(stands),
  };
}

const JudgedDiagnosis = z.object({
  said: z.enum(['confirmed', 'corrected']),
  by: z.string(),
  fault: z.string(),
  root: Arn,
});
type JudgedDiagnosis = z.infer<typeof JudgedDiagnosis>;

export interface Told {
  readonly attempt: number;
  readonly action: string;
  /** `unknown` until it was judged. */
  readonly outcome: string;
  readonly changes: readonly ToldMutation[];
}

export interface Story {
  readonly about?: About;
  readonly severity?: string;
  /** When the trouble began, as far as it became known. */
  readonly since?: string;
  readonly cause?: { readonly fault: string; readonly confidence: number; readonly because: readonly string[] };
  readonly impact?: Impact;
  /** The cause outside the graph that it shares, and where a person was told of it. */
  readonly shared?: SharedCause;
  /** Earlier incidents that look like it, and what recurs. */
  readonly likeness?: Likeness;
  /** What a person said of the diagnosis afterwards. */
  readonly judged?: JudgedDiagnosis;
  readonly attempts: readonly Told[];
  /** Who was asked, and who answered what. */
  readonly answers: readonly string[];
  readonly stillChanged: readonly ToldMutation[];
  readonly ending?: Ending;
}

const Hypotheses = z.object({
  severity: z.string().optional(),
  onset: z.string().optional(),
  hypotheses: z.array(z.object({ fault: z.string(), confidence: z.number() })),
});
const Chosen = z.object({ action: z.string() });
const Changed = z.object({ mutations: z.array(ToldMutation) });

/** The story of an incident, read off its audit trail alone. What an entry does not hold is left out. */
export function storyOf(trail: readonly AuditEntry[]): Story {
  const about = lastOf(trail, 'Detect', z.object({ about: About }))?.about;
  const closing = lastOf(trail, undefined, z.object({ closing: Closing }))?.closing;
  const diagnosis = lastOf(trail, 'Diagnose', Hypotheses);
  const impact = lastOf(trail, 'Diagnose', z.object({ impact: Impact }))?.impact;
  const likeness = lastOf(trail, 'Diagnose', z.object({ likeness: Likeness }))?.likeness;
  const shared = lastOf(trail, 'Decide', z.object({ shared: SharedCause }))?.shared;
  const judged = lastOf(trail, 'Person', z.object({ judged: JudgedDiagnosis }))?.judged;
  const [first] = diagnosis?.hypotheses ?? [];
  const because = trail.findLast(({ state }) => state === 'Diagnose')?.why.slice(1) ?? [];
  const attempts = attemptsOf(trail, closing);
  const severity = diagnosis?.severity;
  const since = closing?.since ?? diagnosis?.onset ?? about?.since;
  return {
    ...(about ? { about } : {}),
    ...(severity ? { severity } : {}),
    ...(since ? { since } : {}),
    ...(first ? { cause: { ...first, because } } : {}),
    ...(judged ? { judged } : {}),
    ...(impact ? { impact } : {}),
    ...(shared ? { shared } : {}),
    ...(likeness ? { likeness } : {}),
    attempts,
    answers: trail.filter(({ state }) => state === 'AwaitApproval').flatMap(({ why }) => why),
    stillChanged: attempts.flatMap(({ changes }) => changes).filter(stands),
    ...(closing ? { ending: closing.ending } : {}),
  };
}

function lastOf<T>(trail: readonly AuditEntry[], state: string | undefined, schema: z.ZodType<T>): T | undefined {
  for (const entry of trail.toReversed()) {
    if (state !== undefined && entry.state !== state) continue;
    const parsed = schema.safeParse(entry.saw);
    if (parsed.success) return parsed.data;
  }
  return undefined;
}

function attemptsOf(trail: readonly AuditEntry[], closing: Closing | undefined): Told[] {
  const told = new Map<number, Told>();
  for (const { state, verdict, attempt, saw } of trail) {
    const before = told.get(attempt);
    const chosen = state === 'Decide' && verdict === 'act' ? Chosen.safeParse(saw).data : undefined;
    if (chosen && !before) told.set(attempt, { attempt, action: chosen.action, outcome: 'unknown', changes: [] });
    const changed = Changed.safeParse(saw).data;
    if (before && changed) told.set(attempt, { ...before, changes: changed.mutations });
  }
  for (const { attempt, action, outcome } of closing?.attempts ?? []) {
    const changes = told.get(attempt)?.changes ?? [];
    told.set(attempt, { attempt, action, outcome, changes });
  }
  return [...told.values()];
}
