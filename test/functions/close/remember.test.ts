import { beforeEach, describe, expect, test, vi } from 'vitest';
import { remember } from '../../../functions/close/remember.ts';
import { conclude } from '../../../functions/diagnose/conclude.ts';
import { recall } from '../../../functions/diagnose/knowledge/recall.ts';
import type { Ending } from '../../../layers/core/incident.ts';
import * as kb from '../../../layers/runtime/kb/index.ts';
import { freshTables } from '../../runtime/tables.ts';
import { aResource, anIncident } from '../../runtime/samples.ts';
import { ARNS } from '../../support/fake-account.ts';
import { NOW, tryAction, world, type World } from '../steps.ts';

let incident: World;

beforeEach(async () => {
  await freshTables();
  incident = await world();
});

const healed: Ending = { kind: 'recovered', by: 'action', action: 'rollback-deployment', why: 'good again' };
const escalated: Ending = { kind: 'escalated', because: 'exhausted', why: 'nothing is left' };
const past = () => kb.knowledge.pastIncidents('ecs-service');

/** Attempt 1, judged, with a change. */
async function tried(judged: 'recovered' | 'unchanged'): Promise<void> {
  await tryAction(incident.incidentId, 'rollback-deployment', {});
  await kb.control.hold({
    incidentId: incident.incidentId,
    attempt: 1,
    arns: [ARNS.service],
    now: NOW,
    busyUntil: NOW,
    until: NOW,
  });
  await kb.incidents.setMutations(incident.incidentId, 1, [
    {
      resource: ARNS.service,
      field: 'taskDefinition',
      was: ARNS.revision(7),
      becomes: ARNS.revision(6),
      action: 'rollback-deployment',
      state: 'intended',
      at: NOW,
    },
  ]);
  await kb.incidents.updateAttempt(incident.incidentId, 1, { judged });
}

describe('an incident that ends', () => {
  test('is remembered with what it looked like, what it was and what healed it, once', async () => {
    await tried('recovered');

    const said = await remember(await incident.context(), healed);
    await remember(await incident.context(), healed);

    expect(said).toEqual(['remembered as crash-loop']);
    expect(await past()).toMatchObject([
      {
        incidentId: incident.incidentId,
        label: { fault: 'crash-loop', root: ARNS.service, by: 'healing' },
        ending: 'recovered by rollback-deployment',
        tried: [{ action: 'rollback-deployment', fault: 'crash-loop', on: 'ecs-service', outcome: 'recovered' }],
        signature: { 'change parameter-written of parameter': 1 },
      },
    ]);
  });

  test('without a healing is remembered as what Diagnose held likely, which nobody has confirmed', async () => {
    await tried('unchanged');

    await remember(await incident.context(), escalated);

    expect(await past()).toMatchObject([
      { label: { fault: 'crash-loop', by: 'diagnosis' }, tried: [{ outcome: 'unchanged' }] },
    ]);
  });

  test('that was noise, or never diagnosed, is not', async () => {
    const context = await incident.context();
    const { diagnosis: _diagnosis, ...undiagnosed } = context.incident;

    expect(await remember(context, { kind: 'noise', why: 'all is good' })).toEqual([]);
    expect(await remember({ ...context, incident: undiagnosed }, escalated)).toEqual([]);
    expect(await past()).toEqual([]);
  });

  test('with the incident that it waited for teaches what causes its trouble', async () => {
    const cause = await anIncident(aResource());
    await kb.incidents.update(incident.incidentId, { foldedInto: cause.incidentId });
    const byItself: Ending = { kind: 'recovered', by: 'itself', why: 'its cause was seen to' };

    await remember(await incident.context(), byItself);

    expect(await past()).toMatchObject([
      { label: { fault: 'dependency-failure', root: cause.resource.arn, by: 'healing' } },
    ]);
    expect(await kb.knowledge.causes(ARNS.service)).toMatchObject([{ cause: cause.resource.arn, confirmed: 1 }]);
  });

  test('says so when it is the third of its kind', async () => {
    const context = await incident.context();
    const [first, second] = [anIncidentId(1), anIncidentId(2)];
    for (const incidentId of [first, second]) {
      await kb.incidents.evidence(incident.incidentId);
      await remember(
        {
          ...context,
          incident: { ...context.incident, incidentId },
          kb: { ...kb, incidents: { ...kb.incidents, evidence: () => kb.incidents.evidence(incident.incidentId) } },
        },
        escalated,
      );
    }

    const said = await remember(context, escalated);

    expect(said).toEqual([
      'remembered as crash-loop',
      expect.stringMatching(
        /^the same trouble, 3 times so far: crash-loop of .*: change parameter-written of parameter/,
      ),
    ]);
  });

  test('is closed although it cannot be remembered, and that is said', async () => {
    const context = await incident.context();
    const broken = { ...kb.knowledge, rememberIncident: vi.fn().mockRejectedValue(new Error('throttled')) };

    const said = await remember({ ...context, kb: { ...kb, knowledge: broken } }, escalated);

    expect(said).toEqual(['it could not be remembered for later: Error: throttled']);
  });

  test('weighs in on the next one that looks like it', async () => {
    await tried('recovered');
    await remember(await incident.context(), healed);
    const evidence = (await kb.incidents.evidence(incident.incidentId))!;
    const next = { ...evidence, incidentId: anIncidentId(9) };

    const recalled = await recall(next, kb.knowledge);

    expect(recalled.known?.neighbours).toMatchObject([{ incidentId: incident.incidentId, similarity: 1 }]);
    const { hypotheses } = conclude(recalled);
    expect(hypotheses.find(({ fault }) => fault === 'crash-loop')?.because.join()).toContain(
      'crash-loop, as its healing showed, healed by rollback-deployment',
    );
  });
});

const anIncidentId = (n: number): string => `01JD3Q8Z3M7N5V6XK2B4C9D8${String(n).padStart(2, '0')}`;
