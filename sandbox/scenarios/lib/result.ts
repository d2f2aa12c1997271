import type { Milliseconds, Ratio } from '../../../layers/core/units.ts';

/** How one scenario went; what `--json` writes. */
export interface Result {
  readonly name: string;
  readonly seed: number;
  /** True when it ended as it should, seen from outside and in the record. */
  readonly ok: boolean;
  /** The fault diagnosed first in the incident on the faulty resource; null when there is none. */
  readonly fault: string | null;
  readonly faultRight: boolean;
  /** The actions that changed something, in their order, e.g. `restart-service`; null when nothing was changed. */
  readonly action: string | null;
  /** From the fault's entry to the incident's opening, the first change, and the proof that it is well. */
  readonly detectedMs: Milliseconds | null;
  readonly actedMs: Milliseconds | null;
  readonly healedMs: Milliseconds | null;
  readonly attempts: number;
  readonly verdict: string;
  /** Share of customers' requests that succeeded from the fault's entry to the end. */
  readonly availability: Ratio | null;
  /** What was not as it should be. */
  readonly problems: readonly string[];
  /** What differed in this seed. */
  readonly variation: object;
  readonly incidents: readonly string[];
}

export interface Report {
  readonly scenarios: readonly Result[];
  readonly wallMs: Milliseconds;
}
