import * as z from 'zod';
import { Arn } from '../../core/arn.ts';
import { Incident, IncidentId } from '../../core/incident.ts';
import { sharesOf, Sharer, type Share } from '../../core/common-cause.ts';
import type { Instant } from '../../core/units.ts';
import { all, query, read, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { put, update } from '../writes.ts';
import type { Key } from '../writes.ts';
import { KEEP_DAYS, incidentKey, metaKey } from './keys.ts';
import { openOrKept } from './pointers.ts';

const table = (): string => config().tables.control;
const KEY: Key = { pk: 'SHARED', sk: 'SHARED' };

/** The latest incidents are remembered with what they show: enough to know the account's rate, in an item of some 20 KB. */
const MOST = 40;

/** `SHARED`: what the account's latest incidents show of causes outside the graph, and who told a person of one. */
const Book = z.object({ version: z.number().int(), sharers: z.array(Sharer) });
type Book = z.infer<typeof Book>;
const EMPTY: Book = { version: 0, sharers: [] };

const open = async (): Promise<Book> => (await read(table(), KEY, Book)) ?? EMPTY;

/**
 * Writes down what an incident shows, and answers what it shares. The same again writes nothing.
 * @throws Contended when others kept writing
 */
export async function noteSharer(sharer: Sharer, now: Instant): Promise<Share[]> {
  return retrying(`what ${sharer.incidentId} shows`, async () => {
    const book = await open();
    const known = book.sharers.find(({ incidentId }) => incidentId === sharer.incidentId);
    const noted = { ...sharer, ...(known?.toldIn ? { toldIn: known.toldIn } : {}) };
    const isKnown = known && JSON.stringify(Sharer.parse(known)) === JSON.stringify(Sharer.parse(noted));
    if (!isKnown && !(await rewrite(book, noted))) return undefined;
    return sharesOf(noted, book.sharers, now);
  });
}

/** `tell`: nobody was told of it yet, and this incident tells for all that share it; `told`: a person was, in another's. */
export type Claim =
  | { readonly kind: 'tell'; readonly shares: readonly Share[] }
  | { readonly kind: 'told'; readonly by: IncidentId; readonly shares: readonly Share[] };

/**
 * The right to tell a person of a cause that several incidents share: one of them has it, and has it again when it asks again.
 * @param continues the incident of the same resource that this one goes on from: what was told of that stands for this one
 * @throws Contended when others kept writing
 */
export async function claimShared(sharer: Sharer, continues: IncidentId | undefined, now: Instant): Promise<Claim> {
  const { incidentId } = sharer;
  return retrying(`tell of what ${incidentId} shares`, async () => {
    const book = await open();
    const shares = sharesOf(sharer, book.sharers, now);
    const before = book.sharers.find((one) => one.incidentId === (continues ?? ''));
    const own = book.sharers.find((one) => one.incidentId === incidentId)?.toldIn;
    const told = [own, before?.toldIn, ...shares.flatMap((share) => share.with.map(({ toldIn }) => toldIn))];
    for (const by of new Set(told)) {
      if (by === undefined || by === continues) continue;
      if (by === incidentId) return { kind: 'tell', shares };
      if (!(await tellingStands(by))) continue;
      return (await rewrite(book, { ...sharer, toldIn: by })) ? { kind: 'told', by, shares } : undefined;
    }
    return (await rewrite(book, { ...sharer, toldIn: incidentId })) ? { kind: 'tell', shares } : undefined;
  });
}

/**
 * Whether what a person was told in an incident holds: until its resource is known to be well. One that has not ended has the
 * right to tell, and is about to.
 */
export async function tellingStands(told: IncidentId): Promise<boolean> {
  const incident = await read(config().tables.incidents, metaKey(told), Incident);
  if (incident?.status !== 'closed') return incident !== undefined;
  return incident.ending?.kind === 'escalated' && (await openOrKept(incident.resource)) !== undefined;
}

/** In its place, or as the newest; false when the book was written meanwhile. */
async function rewrite({ version, sharers }: Book, sharer: Sharer): Promise<boolean> {
  const others = sharers.filter(({ incidentId }) => incidentId !== sharer.incidentId);
  const next = [...others, Sharer.parse(sharer)].sort((a, b) => (a.onset < b.onset ? -1 : 1)).slice(-MOST);
  const unchanged = {
    when: version === 0 ? 'attribute_not_exists(#pk)' : '#version = :version',
    values: { next: version + 1, sharers: next, ...(version === 0 ? {} : { version }) },
  };
  return (await transact([update('shared', table(), KEY, 'SET #version = :next, #sharers = :sharers', unchanged)])).ok;
}

/** An incident that a telling came to stand for: `INCIDENT#<who told> / SHARED#<its id>`. */
export const Joined = z.object({
  incidentId: IncidentId,
  resource: Arn,
  at: z.string(),
  /** What it shares with the one that told. */
  what: z.string(),
});
export type Joined = z.infer<typeof Joined>;

/** Adds an incident to those that another's telling stands for; again changes nothing but the time. */
export async function joinTelling(told: IncidentId, joined: Joined): Promise<void> {
  const item = { ...incidentKey(told, `SHARED#${joined.incidentId}`), ...Joined.parse(joined) };
  const kept = { ...item, ttl: ttl(joined.at, KEEP_DAYS.incident) };
  await transact([put('joined', config().tables.incidents, kept)]);
}

/** All that joined the telling of an incident, the first first. */
export async function joinedTelling(told: IncidentId): Promise<Joined[]> {
  const { pk } = incidentKey(told, '');
  const where = '#pk = :pk AND begins_with(#sk, :prefix)';
  const found = await all(query(config().tables.incidents, { where, values: { pk, prefix: 'SHARED#' } }), Joined);
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}
