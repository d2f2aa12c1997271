import * as z from 'zod';
import { Arn } from './arn.ts';
import { Diagnosis } from './diagnosis.ts';
import { Impact } from './impact.ts';
import { Mode } from './mode.ts';
import { Severity } from './taxonomy.ts';

/** An incident's id and the name of its execution: a ULID. */
export const IncidentId = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'supply an incident id, e.g. 01JD3Q8Z3M7N5V6XK2B4C9D8EF');
export type IncidentId = z.infer<typeof IncidentId>;

export const EscalationCause = z.enum([
  'no-candidate',
  'exhausted',
  'approval-refused',
  'approval-late',
  'brake',
  'other-writer',
  'undo-failed',
  'our-fault',
]);
export type EscalationCause = z.infer<typeof EscalationCause>;

export const SuppressionCause = z.enum(['observe', 'suggest', 'lever', 'mute-rule', 'cooldown']);
export type SuppressionCause = z.infer<typeof SuppressionCause>;

/** Every incident ends in exactly one of these (DESIGN, invariant 6). */
export const Ending = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('recovered'),
    by: z.enum(['action', 'itself', 'person']),
    action: z.string().optional(),
    why: z.string(),
  }),
  z.object({ kind: z.literal('escalated'), because: EscalationCause, why: z.string() }),
  z.object({ kind: z.literal('suppressed'), because: SuppressionCause, why: z.string() }),
  z.object({ kind: z.literal('noise'), why: z.string() }),
]);
export type Ending = z.infer<typeof Ending>;

/** `opening`: written, execution not known to run; `open`: its execution runs; `closed`: has an ending. */
export const IncidentStatus = z.enum(['opening', 'open', 'closed']);
export type IncidentStatus = z.infer<typeof IncidentStatus>;

/** Trouble that comes and goes by itself, this time included. */
export const Flapping = z.object({
  times: z.number().int(),
  since: z.string(),
  /** It was gone when it was looked at. */
  away: z.boolean(),
  /** The incident in which a person was told of it. */
  toldIn: IncidentId.optional(),
});
export type Flapping = z.infer<typeof Flapping>;

/** A cause outside the dependency graph that other incidents show as well. */
export const SharedCause = z.object({
  /** As a person says it: `trouble with payments-db:5432`. */
  what: z.string(),
  /** The incidents of other resources that show it, as far as they were known. */
  with: z.array(IncidentId),
  /** The one in which a person was told, for all of them: perhaps this one. */
  toldIn: IncidentId.optional(),
});
export type SharedCause = z.infer<typeof SharedCause>;

/** The head record of an incident: `INCIDENT#id / META`. */
export const Incident = z.object({
  incidentId: IncidentId,
  resource: Arn,
  fleet: z.string(),
  mode: Mode,
  status: IncidentStatus,
  severity: Severity,
  openedAt: z.string(),
  /** When the trouble began, as far as is known; at first the earliest signal. */
  onset: z.string(),
  signalCount: z.number().int(),
  /** The incident on the same resource that closed before this one opened, if its fault came back. */
  reopens: IncidentId.optional(),
  /** Opened by a forecast, and nothing has happened yet. */
  predicted: z.boolean().optional(),
  flapping: Flapping.optional(),
  /** The incident on the cause, while this one waits for it. */
  foldedInto: IncidentId.optional(),
  shared: SharedCause.optional(),
  diagnosis: Diagnosis.optional(),
  /** Who is affected, as far as the evidence showed when it was diagnosed. */
  impact: Impact.optional(),
  /** How many attempts were begun. */
  attempts: z.number().int().default(0),
  /** Set as soon as it is decided; the incident stays open until Close has written it together with `closedAt`. */
  ending: Ending.optional(),
  /** How many signals had been seen when the ending was decided: Close compares. */
  seenSignals: z.number().int().default(0),
  /** When a person was told, by escalation or suggestion: once an incident. */
  toldAt: z.string().optional(),
  closedAt: z.string().optional(),
});
export type Incident = z.infer<typeof Incident>;

/** Whether there was trouble of the resource's own, as far as is known: no noise, not only foretold, and not waiting for its cause. */
export const hasHappened = ({ ending, predicted, foldedInto }: Incident): boolean =>
  predicted !== true && foldedInto === undefined && ending?.kind !== 'noise';
