import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { remember } from '../../functions/close/remember.ts';
import { conclude } from '../../functions/diagnose/conclude.ts';
import { recall } from '../../functions/diagnose/knowledge/recall.ts';
import type { Ending } from '../../layers/core/incident.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { NOW, tryAction, world, type World } from '../functions/steps.ts';
import { freshTables } from '../runtime/tables.ts';
import { ARNS } from '../support/fake-account.ts';
import { prunella } from './commandline.ts';

vi.mock(import('../../cli/account.ts'), () => ({
  connect: () => Promise.resolve({ name: 'a test', answerFunction: 'answer', discoverFunction: 'discover' }),
}));

const sts = mockClient(STSClient);
const ADA = 'arn:aws:sts::111122223333:assumed-role/operator/ada';
const BOB = 'arn:aws:sts::111122223333:assumed-role/operator/bob';
const as = (who: string) => sts.on(GetCallerIdentityCommand).resolves({ Arn: who });

let incident: World;
let id: string;

beforeEach(async () => {
  await freshTables();
  sts.reset();
  as(ADA);
  incident = await world();
  id = incident.incidentId;
});

const escalated: Ending = { kind: 'escalated', because: 'exhausted', why: 'nothing is left' };

/** Ends the incident as Close does. */
async function ends(ending: Ending = escalated): Promise<void> {
  const context = await incident.context();
  await kb.incidents.close(id, ending, context.incident.signalCount, NOW);
  await remember(context, ending);
}
const kept = async () => (await kb.knowledge.pastIncidents('ecs-service'))[0];

describe('confirm', () => {
  it('counts once, stands in the trail and in the story, and says who did', async () => {
    await ends();

    const { code, printed } = await prunella('confirm', id);
    const told = await prunella('explain', id);

    expect(code).toBe(0);
    expect(printed).toContain(`Confirmed: incident ${id} was crash-loop of`);
    expect(await kept()).toMatchObject({
      label: { fault: 'crash-loop', by: 'person' },
      verdict: { said: 'confirmed', by: ADA },
    });
    expect(told.printed).toContain(`Person: confirmed`);
    expect(told.printed).toContain(`Confirmed by ${ADA}`);
    expect(told.printed).toContain('each linked to the one before');
  });

  it('said again by the same person changes nothing; by another it is refused', async () => {
    await ends();
    await prunella('confirm', id);
    const before = await kept();

    const again = await prunella('confirm', id);
    as(BOB);
    const other = await prunella('confirm', id);
    const otherwise = await prunella('correct', id, '--fault', 'overload');

    expect(again.code).toBe(0);
    expect(await kept()).toEqual(before);
    expect(await kb.audit.trail(id)).toHaveLength(1);
    for (const { code, complained } of [other, otherwise]) {
      expect(code).toBe(1);
      expect(complained).toMatch(
        new RegExp(`^prunella: incident ${id} was confirmed as crash-loop of .* by ${ADA} at .* already: that stands$`),
      );
    }
  });

  it('is written down in the trail though the first time was cut short between the two', async () => {
    await ends();
    const past = (await kept())!;
    await kb.knowledge.judgeDiagnosis(past, { said: 'confirmed', by: ADA, at: NOW }, past.label, () => []);

    const { code } = await prunella('confirm', id);

    expect(code).toBe(0);
    expect(await kb.audit.trail(id)).toMatchObject([{ state: 'Person', verdict: 'confirmed', at: NOW }]);
  });

  it('refuses an incident that is open, was noise or was not diagnosed, or whose cause is unknown', async () => {
    const open = await prunella('confirm', id);
    await kb.incidents.update(id, {
      diagnosis: {
        hypotheses: [{ resource: ARNS.service, fault: 'unknown', confidence: 1, because: ['nothing speaks'] }],
        severity: 'low',
        onset: NOW,
        gaps: [],
      },
    });
    await ends();
    const unknown = await prunella('confirm', id);
    const nobody = await prunella('confirm', '01JD3Q8Z3M7N5V6XK2B4C9D8EF');

    expect(open.complained).toContain(`incident ${id} is still open: judge its diagnosis when it has ended`);
    expect(unknown.complained).toContain('was diagnosed as unknown, which nobody can confirm');
    expect(nobody.complained).toContain('there is no incident 01JD3Q8Z3M7N5V6XK2B4C9D8EF');
    expect([open, unknown, nobody].map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(await kb.audit.trail(id)).toEqual([]);
  });

  it('refuses what was noise', async () => {
    await ends({ kind: 'noise', why: 'all was good' });

    expect((await prunella('confirm', id)).complained).toContain('was noise: there is no diagnosis to judge');
  });
});

describe('correct', () => {
  it('changes what is said of the next incident that looks like it', async () => {
    await ends();
    const evidence = (await kb.incidents.evidence(id))!;
    const next = { ...evidence, incidentId: '01JD3Q8Z3M7N5V6XK2B4C9D8EF' };
    const before = conclude(await recall(next, kb.knowledge));

    const { code, printed } = await prunella('correct', id, '--fault', 'data-corruption');

    expect(code).toBe(0);
    expect(printed).toContain('was data-corruption of');
    const after = conclude(await recall(next, kb.knowledge));
    expect(before.hypotheses.map(({ fault }) => fault)).not.toContain('data-corruption');
    expect(after.hypotheses.find(({ fault }) => fault === 'data-corruption')?.because[0]).toContain('says a person');
    expect((await prunella('explain', id)).printed).toContain(`Corrected by ${ADA}: it was data-corruption of`);
  });

  it('names another resource, which counts as the cause', async () => {
    await ends();

    const { code } = await prunella('correct', id, '--fault', 'bad-configuration', '--resource', ARNS.parameter);
    const unheard = await prunella(
      'correct',
      id,
      '--fault',
      'overload',
      '--resource',
      'arn:aws:sqs:eu-west-1:111122223333:q',
    );

    expect(unheard.complained).toContain('is neither in the inventory nor in the incident');
    expect(code).toBe(1); // the parameter is not a resource of its own here
    await kb.knowledge.putResource({
      ...(await kb.knowledge.resource(ARNS.service))!,
      arn: ARNS.alias,
      type: 'lambda-alias',
    });
    expect((await prunella('correct', id, '--fault', 'overload', '--resource', ARNS.alias)).code).toBe(0);
    expect(await kb.knowledge.causes(ARNS.service)).toMatchObject([{ cause: ARNS.alias, confirmed: 1, denied: 0 }]);
  });

  it('refuses what was diagnosed, and says how to confirm it', async () => {
    await ends();

    const { code, complained } = await prunella('correct', id, '--fault', 'crash-loop');

    expect(code).toBe(1);
    expect(complained).toContain(`is what was diagnosed: confirm it with npx prunella confirm ${id}`);
  });

  it('moves what was learned of an action to the fault that it was', async () => {
    await tryAction(id, 'restart-service', { service: ARNS.service });
    await kb.control.hold({ incidentId: id, attempt: 1, arns: [ARNS.service], now: NOW, busyUntil: NOW, until: NOW });
    const mutation = { resource: ARNS.service, field: 'deployment', was: 'a', becomes: 'b' };
    await kb.incidents.setMutations(id, 1, [{ ...mutation, action: 'restart-service', state: 'intended', at: NOW }]);
    await kb.knowledge.learn({
      incidentId: id,
      attempt: 1,
      fault: 'crash-loop',
      resource: ARNS.service,
      resourceType: 'ecs-service',
      action: 'restart-service',
      outcome: 'recovered',
      prior: { alpha: 2, beta: 2 },
    });
    await ends({ kind: 'recovered', by: 'action', action: 'restart-service', why: 'good again' });

    await prunella('correct', id, '--fault', 'deadlock');

    const known = await kb.knowledge.posteriors('ecs-service', ['crash-loop', 'deadlock']);
    expect(known['crash-loop/restart-service']).toEqual({ alpha: 2, beta: 2 });
    const moved = known['deadlock/restart-service']!;
    expect(moved.alpha - moved.beta).toBeGreaterThan(0);
  });

  it('answers one JSON document', async () => {
    await ends();

    const { printed } = await prunella('correct', id, '--fault', 'overload', '--json');

    expect(JSON.parse(printed)).toMatchObject({
      incidentId: id,
      said: 'corrected',
      by: ADA,
      fault: 'overload',
      root: ARNS.service,
      was: { fault: 'crash-loop', by: 'diagnosis' },
    });
  });
});

it('report names what recurs, and what healed it', async () => {
  const past = (n: number) => ({
    incidentId: `01JD3Q8Z3M7N5V6XK2B4C9D80${n}`,
    resource: ARNS.service,
    resourceType: 'ecs-service' as const,
    endedAt: NOW,
    signature: { 'memory rising': 0.8, 'stop out of memory': 1 },
    label: { fault: 'memory-leak' as const, root: ARNS.service, by: 'healing' as const },
    ending: 'recovered by restart-service',
    tried: [
      {
        action: 'restart-service',
        fault: 'memory-leak' as const,
        on: 'ecs-service' as const,
        outcome: 'recovered' as const,
      },
    ],
  });
  for (const n of [1, 2, 3]) await kb.knowledge.rememberIncident(past(n));

  const { printed } = await prunella('report');

  expect(printed).toMatch(
    /Recurring:\n {5}3 times, last .*: memory-leak of .*: stop out of memory; restart-service healed 3 of 3/,
  );
});
