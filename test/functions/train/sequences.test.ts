import { ulid } from 'ulid';
import { beforeEach, describe, expect, test } from 'vitest';
import { occurrencesOf } from '../../../functions/train/occurrences.ts';
import { trainSequences } from '../../../functions/train/train-sequences.ts';
import { resourceTypeOf, type Arn } from '../../../layers/core/arn.ts';
import type { Label } from '../../../layers/core/experience.ts';
import { Incident, type Ending } from '../../../layers/core/incident.ts';
import type { Signal } from '../../../layers/core/signal.ts';
import type { Fault } from '../../../layers/core/taxonomy.ts';
import { addSeconds, hours, minutes, type Instant } from '../../../layers/core/units.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { aResource } from '../../runtime/samples.ts';
import { freshTables } from '../../runtime/tables.ts';

const SERVICE = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/api';
const QUEUE = 'arn:aws:sqs:eu-west-1:111122223333:orders';
const NOW = '2026-11-01T12:00:00.000Z';
const DAYS = [25.3, 20.6, 14.1, 9.8, 3.4];
const HEALED: Ending = { kind: 'recovered', by: 'action', action: 'restart-service', why: 'good again' };

/** An incident that was opened, diagnosed and closed. */
async function incident(
  resource: Arn,
  fault: Fault,
  at: Instant,
  { kind = 'operator', label }: { readonly kind?: 'operator' | 'chaos'; readonly label?: Label } = {},
): Promise<void> {
  const incidentId = ulid(Date.parse(at));
  const signal = { kind, id: `signal ${incidentId}`, at, resource, summary: 'ill', by: 'a', experiment: 'e' } as Signal;
  const record = aResource({ arn: resource, type: resourceTypeOf(resource)! });
  await kb.knowledge.putResource(record);
  await kb.incidents.openOrJoin(signal, record, () => incidentId, at);
  const hypotheses = [{ resource, fault, confidence: 0.9, because: ['it is so'] }];
  await kb.incidents.update(incidentId, {
    diagnosis: { hypotheses, severity: 'high', onset: at, gaps: [] },
    onset: at,
  });
  const endedAt = addSeconds(at, minutes(8));
  await kb.incidents.close(incidentId, HEALED, 1, endedAt);
  if (!label) return;
  await kb.knowledge.rememberIncident({
    incidentId,
    resource,
    resourceType: resourceTypeOf(resource)!,
    endedAt,
    signature: { a: 1 },
    label,
    ending: 'recovered by restart-service',
    tried: [],
  });
}

const daysAgo = (days: number): Instant => addSeconds(NOW, -hours(24 * days));

/** A deployment of the service, five times, and what comes 12 minutes later to the queue. */
async function history(of: Parameters<typeof incident>[3] = {}): Promise<void> {
  for (const days of DAYS) {
    await incident(SERVICE, 'bad-deployment', daysAgo(days));
    await incident(QUEUE, 'overload', addSeconds(daysAgo(days), minutes(12)), of);
  }
}

beforeEach(freshTables);

describe('the order of troubles', () => {
  test('is learned over all types of resources, kept, and learned anew only after a day and another incident', async () => {
    await history();

    const learned = await trainSequences(kb, NOW);

    expect(learned).toMatchObject({
      troubles: 10,
      sequences: [
        {
          first: { resource: SERVICE, fault: 'bad-deployment' },
          next: { resource: QUEUE, fault: 'overload' },
          came: 5,
          followed: 5,
        },
      ],
      daily: [],
    });
    expect(await kb.knowledge.learnedSequences()).toEqual(learned);
    await incident(SERVICE, 'bad-deployment', addSeconds(NOW, hours(1)));
    expect(await trainSequences(kb, addSeconds(NOW, hours(23)))).toBeUndefined();
    expect(await trainSequences(kb, addSeconds(NOW, hours(25)))).toMatchObject({
      sequences: [{ came: 6, followed: 5 }],
    });
    expect(await trainSequences(kb, addSeconds(NOW, hours(50)))).toBeUndefined();
  });

  test("is by a person's word on what it was", async () => {
    await history({ label: { fault: 'data-corruption', root: QUEUE, by: 'person' } });

    const learned = await trainSequences(kb, NOW);

    expect(learned?.sequences).toMatchObject([{ next: { fault: 'data-corruption' } }]);
  });

  test('knows nothing of what was broken on purpose', async () => {
    await history({ kind: 'chaos' });

    expect(await trainSequences(kb, NOW)).toMatchObject({ troubles: 5, sequences: [] });
  });

  test('is not asked for before an incident has ended', async () => {
    expect(await trainSequences(kb, NOW)).toBeUndefined();
  });
});

describe('a trouble of its own', () => {
  const of = (over: Partial<Incident> = {}, fault: Fault = 'overload', root = SERVICE): Incident =>
    Incident.parse({
      incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
      resource: SERVICE,
      fleet: 'f',
      mode: 'heal',
      status: 'open',
      severity: 'high',
      openedAt: NOW,
      onset: NOW,
      signalCount: 1,
      diagnosis: {
        hypotheses: [{ resource: root, fault, confidence: 0.9, because: ['so it is'] }],
        severity: 'high',
        onset: NOW,
        gaps: [],
      },
      ...over,
    });
  const none = new Map<string, Label>();

  test('is what was diagnosed of the resource itself, from its onset on', () => {
    expect(occurrencesOf([of()], none)).toEqual([
      {
        incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF',
        resource: SERVICE,
        fault: 'overload',
        at: Date.parse(NOW) / 1000,
        confirmed: false,
      },
    ]);
  });

  test('is no symptom of what it calls, nothing foretold, no noise, and no storm', () => {
    const others = [
      of({}, 'dependency-failure'),
      of({}, 'overload', QUEUE),
      of({ foldedInto: '01JD3Q8Z3M7N5V6XK2B4C9D8EG' }),
      of({ predicted: true }),
      of({ ending: { kind: 'noise', why: 'all is good' } }),
      of({ ending: { kind: 'escalated', because: 'brake', why: 'a storm' } }),
      of({ diagnosis: undefined }),
    ];

    expect(occurrencesOf(others, none)).toEqual([]);
    const label: Label = { fault: 'overload', root: QUEUE, by: 'person' };
    expect(occurrencesOf([of()], new Map([['01JD3Q8Z3M7N5V6XK2B4C9D8EF', label]]))).toEqual([]);
  });
});
