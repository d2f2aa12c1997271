import { createHash } from 'node:crypto';
import * as z from 'zod';

/** One entry of an incident's audit trail: `INCIDENT#id / n`. Append only. */
export const AuditEntry = z.object({
  incidentId: z.string(),
  n: z.number().int().positive(),
  /** `<state>#<step>`, or the id of the outside event (approval, signal joined). */
  eventId: z.string(),
  at: z.string(),
  state: z.string(),
  attempt: z.number().int().nonnegative(),
  verdict: z.string(),
  why: z.array(z.string()),
  saw: z.record(z.string(), z.unknown()),
  previousHash: z.string(),
  hash: z.string(),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** The hash before the first entry. */
export const GENESIS = '0'.repeat(64);

/** SHA-256 over the entry without its own hash, keys sorted, so that it can be recomputed by anyone. */
export function hashEntry(entry: Omit<AuditEntry, 'hash'>): string {
  return createHash('sha256').update(canonicalJson(entry)).digest('hex');
}

/** JSON with object keys in code-point order and without undefined (the idea of RFC 8785). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value)
      .filter(([, field]) => field !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`);
    return `{${fields.join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

/** The first thing wrong with a chain, or undefined when it is whole: entries 1..n without gap, each hash right and linked. */
export function findBreak(entries: readonly AuditEntry[]): string | undefined {
  let previousHash = GENESIS;
  for (const [index, entry] of entries.entries()) {
    const { hash, ...rest } = AuditEntry.parse(entry); // whatever is kept beside an entry is not part of it
    if (entry.n !== index + 1) return `entry ${index + 1} is missing or out of order: found ${entry.n}`;
    if (entry.previousHash !== previousHash) return `entry ${entry.n} does not follow the entry before it`;
    if (hashEntry(rest) !== hash) return `entry ${entry.n} was changed after it was written`;
    previousHash = hash;
  }
  return undefined;
}

/** Where a chain stood after its last entry; kept beside it. */
export interface ChainHead {
  readonly n: number;
  readonly hash: string;
}

/**
 * Whether a chain ends before its head, which a chain alone does not show: entries taken off its end leave a whole one.
 * @param head as it stood before the entries were read; more may have been appended since
 */
export function findCut(entries: readonly AuditEntry[], head: ChainHead | undefined): string | undefined {
  if (!head) return entries.length > 0 ? 'the head of the chain is missing' : undefined;
  if (entries.length < head.n) return `entry ${entries.length + 1} and all after it are missing, up to ${head.n}`;
  if (entries[head.n - 1]?.hash !== head.hash) return `entry ${head.n} is not the one that the head of the chain names`;
  return undefined;
}
