import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import * as z from 'zod';
import { Evidence } from '../../core/evidence.ts';
import type { IncidentId } from '../../core/incident.ts';
import { KeptPlan } from '../../core/plan-inputs.ts';
import type { Plan } from '../../core/plan.ts';
import { NotFound, all, parseItem, query, retrying, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { runtime } from '../runtime.ts';
import { check, put } from '../writes.ts';
import type { Write } from '../writes.ts';
import { KEEP_DAYS, incidentKey, metaKey, padded } from './keys.ts';

/** Below DynamoDB's 400 KB for an item, with room for keys. */
const CHUNK_BYTES = 350_000;
/** A transaction takes 4 MB: eleven chunks. */
const MOST_CHUNKS = 11;

const Chunk = z.object({
  part: z.number().int(),
  parts: z.number().int(),
  /** SHA-256 of the whole, so that parts of two writes are never read as one. */
  digest: z.string(),
  data: z.instanceof(Uint8Array),
});

/** Keeps the evidence that Diagnose used, gzipped, in place of what was kept before. @throws Error when over 3.8 MB gzipped */
export async function saveEvidence(incidentId: IncidentId, evidence: Evidence): Promise<void> {
  const whole = gzipSync(JSON.stringify(Evidence.parse(evidence)));
  const parts = Math.ceil(whole.length / CHUNK_BYTES);
  if (parts > MOST_CHUNKS) {
    throw new Error(
      `evidence may be ${MOST_CHUNKS * CHUNK_BYTES} bytes gzipped, got ${whole.length}: take fewer series or a shorter window`,
    );
  }
  const digest = createHash('sha256').update(whole).digest('hex');
  const chunks = Array.from({ length: parts }, (_, part) =>
    put(`part ${part}`, config().tables.incidents, {
      ...incidentKey(incidentId, `EVIDENCE#${padded(part)}`),
      part,
      parts,
      digest,
      data: whole.subarray(part * CHUNK_BYTES, (part + 1) * CHUNK_BYTES),
      ttl: ttl(evidence.takenAt, KEEP_DAYS.incident),
    }),
  );
  await writeOfOpen(incidentId, chunks);
}

/** The evidence kept last, or undefined when none was. */
export async function evidence(incidentId: IncidentId): Promise<Evidence | undefined> {
  return retrying(`read evidence of ${incidentId}`, async (tried) => {
    const found = query(config().tables.incidents, {
      where: '#pk = :pk AND begins_with(#sk, :prefix)',
      values: { pk: metaKey(incidentId).pk, prefix: 'EVIDENCE#' },
    });
    const chunks = await all(found, Chunk);
    const [first] = chunks;
    if (!first) return { nothing: true as const };
    const whole = Buffer.concat(chunks.slice(0, first.parts).map(({ data }) => data));
    const intact = createHash('sha256').update(whole).digest('hex') === first.digest;
    // Written anew while it was read: read again. Once more, and it is damaged.
    if (!intact && tried < 3) return undefined;
    if (!intact)
      throw new Error(`the evidence of ${incidentId} is damaged: its parts do not make the whole that was written`);
    return { evidence: parsedOf(first.digest, whole) };
  }).then((answer) => ('nothing' in answer ? undefined : answer.evidence));
}

/**
 * The latest evidence by its digest. An incident's steps read the same evidence again and again, and parsing it takes most of
 * the time of reading it. Readers share it: none of them may change it.
 */
const parsed = new Map<string, Evidence>();
const MOST_PARSED = 4;

function parsedOf(digest: string, whole: Buffer): Evidence {
  const known = parsed.get(digest);
  if (known) return known;
  const evidence = Evidence.parse(JSON.parse(gunzipSync(whole).toString()));
  const [oldest] = parsed.keys();
  if (oldest !== undefined && parsed.size >= MOST_PARSED) parsed.delete(oldest);
  parsed.set(digest, evidence);
  return evidence;
}

/** Keeps the plan that an attempt follows, with all it was made from. One written again for the same attempt takes its place. */
export async function savePlan(incidentId: IncidentId, kept: KeptPlan): Promise<void> {
  const item = {
    ...incidentKey(incidentId, `PLAN#${padded(kept.attempt)}`),
    kept: JSON.stringify(KeptPlan.parse(kept)),
    ttl: ttl(runtime().now(), KEEP_DAYS.incident),
  };
  await writeOfOpen(incidentId, [put('plan', config().tables.incidents, item)]);
}

/** The plan kept last, or undefined when none was. */
export async function plan(incidentId: IncidentId): Promise<Plan | undefined> {
  return (await plans(incidentId)).at(-1)?.plan;
}

/** Every plan of an incident with what it was made from, by attempt. */
export async function plans(incidentId: IncidentId): Promise<KeptPlan[]> {
  const found = query(config().tables.incidents, {
    where: '#pk = :pk AND begins_with(#sk, :prefix)',
    values: { pk: metaKey(incidentId).pk, prefix: 'PLAN#' },
  });
  const list: KeptPlan[] = [];
  for await (const item of found)
    list.push(KeptPlan.parse(JSON.parse(parseItem(z.object({ kept: z.string() }), item).kept)));
  return list;
}

async function writeOfOpen(incidentId: IncidentId, writes: readonly Write[]): Promise<void> {
  const open = { when: 'attribute_exists(#pk) AND #status <> :closed', values: { closed: 'closed' } };
  const done = await transact([check('incident', config().tables.incidents, metaKey(incidentId), open), ...writes]);
  if (!done.ok) throw new NotFound(`there is no open incident ${incidentId}`);
}
