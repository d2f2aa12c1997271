import * as z from 'zod';

/** How far Prunella may go with a resource, from least to most. Read from the tag `prunella:mode`. */
export const Mode = z.enum(['observe', 'suggest', 'approve', 'heal']);
export type Mode = z.infer<typeof Mode>;

/** How bad an action can turn out. R0 read or notify; R1 reversible, unseen; R2 reversible, brief impact or cost; R3 partial outage possible or lossy undo; R4 irreversible. */
export const Risk = z.enum(['R0', 'R1', 'R2', 'R3', 'R4']);
export type Risk = z.infer<typeof Risk>;

export const TAGS = {
  mode: 'prunella:mode',
  fleet: 'prunella:fleet',
  maxRisk: 'prunella:max-risk',
  noRollback: 'prunella:no-rollback',
  /** On an alarm: the ARN of the resource it is about, or `none`. */
  resource: 'prunella:resource',
  /** Share of requests that must succeed over 30 days, in percent: `99.9`. */
  objective: 'prunella:objective',
  /** Space-separated ARNs or service names that this resource calls. */
  dependsOn: 'prunella:depends-on',
  /** A metric that must not reach a limit: `Shop Connections Service=orders above=100`. Further ones: `prunella:limit:NAME`. */
  limit: 'prunella:limit',
  /** A metric of which it should be told when it is unusual: `Shop Latency Service=orders stat=p90`. Further ones: `prunella:watch:NAME`. */
  watch: 'prunella:watch',
  /** A health check of our own: `http://orders.internal:8080/health interval=60 retries=3`. Further ones: `prunella:probe:NAME`. */
  probe: 'prunella:probe',
  /** The field of a log line that says which lines belong together: `orderId idle=300`. `none`: no lines do. */
  session: 'prunella:session',
} as const;

/** Value of `prunella:resource` on an alarm that is about nothing Prunella could heal, so that it is not listed as unresolved. */
export const ABOUT_NOTHING = 'none';

export type Permission = 'act' | 'ask' | 'suggest' | 'never';

/** What mode and risk allow together (DESIGN, invariants 7 and 8). `maxRisk` lowers what mode `heal` may do alone; it never raises it. */
export function permissionFor(mode: Mode, risk: Risk, maxRisk: Risk = 'R2'): Permission {
  if (mode === 'observe') return 'never';
  if (mode === 'suggest') return 'suggest';
  if (risk === 'R4') return 'suggest';
  if (mode === 'approve' || risk === 'R3') return 'ask';
  return risk <= maxRisk ? 'act' : 'ask';
}
