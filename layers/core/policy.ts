import * as z from 'zod';
import { hours, minutes, type Seconds } from './units.ts';

/** The limits Prunella keeps for itself. Set at deploy; the defaults are what a careful operator would start with. */
export const Policy = z.object({
  /** Seconds to wait for further alarms of the same cause: they arrive over about a minute. */
  gatherSeconds: z.number().int().nonnegative().default(30),
  /** Recoveries at once in the account. */
  maxConcurrent: z.number().int().positive().default(3),
  /** Attempts on one resource within the budget window; recovery never resets it. */
  attemptBudget: z.number().int().positive().default(6),
  budgetWindow: z.number().int().positive().default(hours(24)),
  /** Attempts within one incident before it escalates. */
  maxAttempts: z.number().int().positive().default(3),
  /** Open causes within the window that stop all automatic action. */
  brakeIncidents: z.number().int().positive().default(10),
  brakeWindow: z.number().int().positive().default(minutes(10)),
  /** Share of a fleet of `brakeFleetSize` or more in trouble that stops all automatic action in it. */
  brakeShare: z.number().min(0).max(1).default(0.49),
  brakeFleetSize: z.number().int().positive().default(10),
  /** Good points in a row after settling. */
  goodPoints: z.number().int().min(3).default(3),
  maxLooks: z.number().int().positive().default(12),
  approvalTimeout: z.number().int().positive().default(hours(1)),
  /** Seconds after which a deployment that is still in progress has stalled, where none of its service took longer before. */
  deploymentLimit: z.number().int().positive().default(minutes(20)),
  /** Times that a resource's trouble came within `flapWindow`, and was gone before anything was done, for it to flap. */
  flapTimes: z.number().int().min(2).default(4),
  flapWindow: z.number().int().positive().default(hours(6)),
  /** A fault that returns to the same resource within this time opens an incident with `reopens`. */
  reopenWindow: z.number().int().positive().default(hours(24)),
});
export type Policy = z.infer<typeof Policy>;
export const DEFAULT_POLICY: Policy = Policy.parse({});

/** Beyond what the action takes to settle, a lease covers Verify's looks, of which each renews it, and an undo. */
export const LEASE_MARGIN: Seconds = minutes(10);
