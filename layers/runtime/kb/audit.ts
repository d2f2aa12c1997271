import * as z from 'zod';
import { AuditEntry, findBreak, findCut, GENESIS, hashEntry } from '../../core/audit.ts';
import type { IncidentId } from '../../core/incident.ts';
import { all, query, read, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { ABSENT, put } from '../writes.ts';
import { KEEP_DAYS, incidentKey, padded } from './keys.ts';

/** An entry with what its state answered, so that a retry answers the same. The result is not part of the hash. */
export type StoredEntry = AuditEntry & { readonly result?: unknown };
export type NewEntry = Omit<AuditEntry, 'n' | 'hash' | 'previousHash'> & { readonly result?: unknown };

const table = (): string => config().tables.audit;
const headKey = (incidentId: string) => incidentKey(incidentId, 'HEAD');
const eventKey = (incidentId: string, eventId: string) => incidentKey(incidentId, `EVENT#${eventId}`);
const entryKey = (incidentId: string, n: number) => incidentKey(incidentId, `ENTRY#${padded(n)}`);

const Head = z.object({ n: z.number().int(), hash: z.string() });
const Event = z.object({ n: z.number().int() });

const jsonText = z.string().transform((text): unknown => JSON.parse(text));
/** `saw` and `result` are kept as text: DynamoDB's numbers and empty values are not quite JSON's, and the hash must hold. */
const Stored = z
  .object({ ...AuditEntry.shape, saw: jsonText, result: jsonText.optional() })
  .transform(({ result, ...entry }): StoredEntry => {
    const parsed = AuditEntry.parse(entry);
    return result === undefined ? parsed : { ...parsed, result };
  });

/**
 * Appends one entry to an incident's trail: the entry under the next free number, the mark of its event, and the head,
 * in one transaction, put only. The same event again answers with the entry that stands there already.
 * @throws Contended when others kept appending
 */
export async function append(entry: NewEntry): Promise<StoredEntry> {
  const { result, ...rest } = entry;
  const facts = { ...rest, saw: plainJson(rest.saw) as AuditEntry['saw'] };
  return retrying(`audit trail of ${entry.incidentId}`, async () => {
    const [stored, head] = await Promise.all([
      byEvent(entry.incidentId, entry.eventId),
      read(table(), headKey(entry.incidentId), Head),
    ]);
    if (stored) return stored;
    const next = follow(facts, head);
    return (await write(next, result, head)) ? { ...next, ...(result === undefined ? {} : { result }) } : undefined;
  });
}

function follow(
  facts: Omit<AuditEntry, 'n' | 'hash' | 'previousHash'>,
  head: z.infer<typeof Head> | undefined,
): AuditEntry {
  const linked = { ...facts, n: (head?.n ?? 0) + 1, previousHash: head?.hash ?? GENESIS };
  return AuditEntry.parse({ ...linked, hash: hashEntry(linked) });
}

async function write(entry: AuditEntry, result: unknown, head: z.infer<typeof Head> | undefined): Promise<boolean> {
  const { incidentId, eventId, n, hash } = entry;
  const expires = { ttl: ttl(entry.at, KEEP_DAYS.audit) };
  const item = {
    ...entryKey(incidentId, n),
    ...entry,
    saw: JSON.stringify(entry.saw),
    ...(result === undefined ? {} : { result: JSON.stringify(result) }),
    ...expires,
  };
  const done = await transact([
    put('entry', table(), item, ABSENT),
    put('event', table(), { ...eventKey(incidentId, eventId), n, ...expires }, ABSENT),
    put(
      'head',
      table(),
      { ...headKey(incidentId), n, hash, ...expires },
      head ? { when: '#n = :seen', values: { seen: head.n } } : ABSENT,
    ),
  ]);
  return done.ok;
}

/** The entry of an event, or undefined when it was not written yet. */
export async function byEvent(incidentId: IncidentId | string, eventId: string): Promise<StoredEntry | undefined> {
  const event = await read(table(), eventKey(incidentId, eventId), Event);
  return event && (await read(table(), entryKey(incidentId, event.n), Stored));
}

/** All entries of an incident, the first first: what `findBreak` verifies. */
export async function trail(incidentId: IncidentId | string): Promise<StoredEntry[]> {
  const found = query(table(), {
    where: '#pk = :pk AND begins_with(#sk, :prefix)',
    values: { pk: headKey(incidentId).pk, prefix: 'ENTRY#' },
  });
  return all(found, Stored);
}

/** The trail of an incident, and what is wrong with its chain: an entry changed, removed (also the last ones) or reordered. */
export async function verified(
  incidentId: IncidentId | string,
): Promise<{ readonly entries: StoredEntry[]; readonly broken: string | undefined }> {
  const head = await read(table(), headKey(incidentId), Head);
  const entries = await trail(incidentId);
  return { entries, broken: findBreak(entries) ?? findCut(entries, head) };
}

/** What will be read back: without undefined, dates as text. */
const plainJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
