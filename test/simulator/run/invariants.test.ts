import { afterEach, beforeAll, expect, it } from 'vitest';
import type { StoredItem } from '../../../simulator/core/tables/value.ts';
import { NOTHING } from '../../../simulator/run/carry.ts';
import { Invariants } from '../../../simulator/run/invariants.ts';
import { play, type Played } from '../../../simulator/run/play.ts';
import type { Changed } from '../../../simulator/world/model/fleet.ts';

/** A memory leak whose symptoms a restart ends, as it went. In each test one thing in its account is made wrong. */
const LONG_AGO = '2026-01-01T00:00:00.000Z';
const LATER = '2099-01-01T00:00:00.000Z';

let played: Played;
let whole: Readonly<Record<string, readonly StoredItem[]>>;
let incidentId: string;
let changed: Changed;

beforeAll(async () => {
  played = await play({ seed: 1, n: 2, carried: NOTHING });
  whole = played.account.tables.dump();
  const isHealing = (change: Changed) => change.incidentId !== undefined && change.operation === 'UpdateService';
  changed = played.account.world.changes().find(isHealing)!;
  incidentId = changed.incidentId!;
}, 240_000);

afterEach(() => played.account.tables.restore(whole));

/** Which invariants are broken once something was made wrong. */
async function brokenBy(makeWrong: () => void): Promise<string[]> {
  const { account } = played;
  const invariants = new Invariants(account);
  await invariants.look(); // what was changed while the leases were there has been looked at
  const seen = invariants.violations.length;
  makeWrong();
  await invariants.look();
  await invariants.atRest(LONG_AGO);
  return [...new Set(invariants.violations.slice(seen).map(({ invariant }) => invariant))].sort();
}

function edit(table: string, is: (item: StoredItem) => boolean, change: (item: StoredItem) => StoredItem): void {
  const found = whole[table]!.filter(is);
  if (found.length === 0) throw new Error(`there is nothing to be made wrong in ${table}`);
  played.account.tables.restore({ [table]: found.map((item) => change(structuredClone(item))) });
}
const ofIncident = (item: StoredItem, sk: string) =>
  item['pk'] === `INCIDENT#${incidentId}` && String(item['sk']).startsWith(sk);
const editIncident = (changes: object) =>
  edit(
    'incidents',
    (item) => ofIncident(item, 'META'),
    (item) => ({ ...item, ...changes }),
  );
const editAttempt = (change: (item: StoredItem) => StoredItem) =>
  edit('incidents', (item) => ofIncident(item, 'ATTEMPT#'), change);
const inState = (item: StoredItem, state: string): StoredItem => ({
  ...item,
  mutations: (item['mutations'] as StoredItem[]).map((mutation) => ({ ...mutation, state })),
});
const unlearned = ({ outcome: _outcome, ...rest }: StoredItem): StoredItem => rest;
const change = (about: Partial<Changed>) =>
  void (played.account.world.changes() as Changed[]).push({ ...changed, at: Date.parse(LATER), ...about });
const ESCALATED = { kind: 'escalated', because: 'exhausted', why: 'nothing was left' };

it('finds nothing wrong with what went right', async () => {
  expect(played.violations).toEqual([]);
  expect(await brokenBy(() => undefined)).toEqual([]);
});

it('does not ask for an undo where another writer has won', async () => {
  const broken = await brokenBy(() => {
    editIncident({ ending: { kind: 'escalated', because: 'other-writer', why: 'the owner scaled it' } });
    editAttempt((item) => ({ ...inState(item, 'applied'), judged: 'unknown' }));
  });

  expect(broken).not.toContain('what did not help is undone');
});

it.for<[invariant: string, makeWrong: () => void]>([
  ['every incident ends', () => editIncident({ status: 'open' })],
  ['whoever is escalated to is told', () => editIncident({ ending: ESCALATED })],
  ['no intent is left open', () => editAttempt((item) => inState(item, 'intended'))],
  ['every outcome is learned', () => editAttempt(unlearned)],
  [
    'what did not help is undone',
    () => {
      editIncident({ ending: ESCALATED });
      editAttempt((item) => ({ ...item, judged: 'unchanged', outcome: 'unchanged' }));
    },
  ],
  [
    'the audit trail is whole',
    () =>
      edit(
        'audit',
        (item) => ofIncident(item, 'ENTRY#00000002'),
        (item) => ({ ...item, verdict: 'noise' }),
      ),
  ],
  [
    'every incident ends exactly once',
    () =>
      edit(
        'audit',
        (item) => item['state'] === 'Close',
        (item) => ({ ...item, verdict: 'rejoined' }),
      ),
  ],
])('finds when it does not hold that %s', async ([invariant, makeWrong]) => {
  expect(await brokenBy(makeWrong)).toContain(invariant);
});

it('finds what stands although it did not help and could be undone', async () => {
  const found = await brokenBy(() => {
    editIncident({ ending: ESCALATED });
    editAttempt((item) => ({
      ...item,
      candidate: { ...(item['candidate'] as StoredItem), action: 'raise-memory' },
      judged: 'unchanged',
      outcome: 'unchanged',
    }));
  });

  expect(found).toContain('what did not help is undone');
});

it.for<[invariant: string, about: Partial<Changed>]>([
  ['nothing is acted on twice', {}],
  ['a closed incident changes nothing', {}],
  ['nothing is changed without a lease', {}],
  ['nothing unrecorded is changed', { resource: 'arn:aws:ecs:eu-west-1:111122223333:service/shop/shop-other' }],
])('finds when a change shows that it does not hold that %s', async ([invariant, about]) => {
  const found = await brokenBy(() => change(about));
  (played.account.world.changes() as Changed[]).pop();

  expect(found).toContain(invariant);
});

const PARAMETER = 'arn:aws:ssm:eu-west-1:111122223333:parameter/shop/web/backend-timeout-ms';

it.for<[what: string, resource: () => string]>([
  ['what is only to be observed', () => changed.resource],
  ['what has no mode, for the sake of what is only to be observed', () => PARAMETER],
])('finds a change of %s', async ([, resource]) => {
  const found = await brokenBy(() => {
    edit(
      'knowledge',
      (item) => item['pk'] === `RESOURCE#${changed.resource}`,
      (item) => ({ ...item, mode: 'observe' }),
    );
    editAttempt((item) => ({
      ...item,
      mutations: (item['mutations'] as StoredItem[]).map((mutation) => ({ ...mutation, resource: resource() })),
    }));
    change({ resource: resource() });
  });
  (played.account.world.changes() as Changed[]).pop();

  expect(found).toContain('only what is in mode heal or approve is changed');
});

it('finds a lease that is left', async () => {
  const lease = { arn: changed.resource, incidentId, attempt: 1, expiresAt: LATER, busyUntil: LONG_AGO };
  const key = { pk: `LEASE#${changed.resource}`, sk: 'LEASE' };

  expect(await brokenBy(() => played.account.tables.restore({ control: [{ ...key, ...lease }] }))).toContain(
    'no lease is left',
  );
});

it('finds an execution that has not ended', async () => {
  const found = await brokenBy(() => void played.account.machine.start('never-ends', {}));

  expect(found).toContain('every execution ends');
});
