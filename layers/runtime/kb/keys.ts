import type { Key } from '../writes.ts';

/** Days a record is kept. TTL only cleans up; whatever expires is compared by condition. */
export const KEEP_DAYS = {
  incident: 400,
  audit: 400,
  change: 90,
  experience: 400,
  signalSeen: 30,
  control: 30,
  series: 30,
  model: 400,
  failing: 90,
} as const;

/** Numbers that sort as text. */
export const padded = (n: number): string => String(n).padStart(8, '0');

export const incidentKey = (incidentId: string, sk: string): Key => ({ pk: `INCIDENT#${incidentId}`, sk });
export const metaKey = (incidentId: string): Key => incidentKey(incidentId, 'META');
export const attemptKey = (incidentId: string, attempt: number): Key =>
  incidentKey(incidentId, `ATTEMPT#${padded(attempt)}`);
export const pointerKey = (arn: string): Key => ({ pk: `OPEN#${arn}`, sk: 'OPEN' });
export const seenKey = (signalId: string): Key => ({ pk: `SIGNAL#${signalId}`, sk: 'SIGNAL' });
export const leaseKey = (arn: string): Key => ({ pk: `LEASE#${arn}`, sk: 'LEASE' });
export const resourceKey = (arn: string): Key => ({ pk: `RESOURCE#${arn}`, sk: 'RESOURCE' });
