import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { ulid } from 'ulid';
import { beforeAll, describe, expect, test } from 'vitest';
import { audit, control, incidents, knowledge } from '../../layers/runtime/kb/index.ts';
import { withRuntime, type Call, type Runtime } from '../../layers/runtime/runtime.ts';
import { freshTables } from './tables.ts';
import {
  START,
  acquiring,
  aResource,
  aSignal,
  after,
  anAttempt,
  anIncident,
  disengage,
  policyWith,
} from './samples.ts';

/** What happens at once seldom happens just then: these tests put another's write exactly between a read and its write. */
beforeAll(async () => {
  await freshTables();
  await disengage();
});

/** Runs `work`, and `meanwhile` right before the first thing that it writes. */
function interrupted<T>(work: () => Promise<T>, meanwhile: () => Promise<unknown>): Promise<T> {
  let interrupt: (() => Promise<unknown>) | undefined = meanwhile;
  const call: Runtime['call'] = async (one, send) => {
    if (isWrite(one) && interrupt) {
      const run = interrupt;
      interrupt = undefined;
      await run();
    }
    return send();
  };
  return withRuntime({ call }, work);
}

/** Runs `work` so that the first write succeeds and its answer is lost. */
function answerLost<T>(work: () => Promise<T>): Promise<T> {
  let lost = false;
  const call: Runtime['call'] = async (one, send) => {
    const answer = await send();
    if (!isWrite(one) || lost) return answer;
    lost = true;
    throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
  };
  return withRuntime({ call }, work);
}

const isWrite = ({ command }: Call): boolean => command instanceof TransactWriteCommand;

const healed = { kind: 'recovered', by: 'action', why: '' } as const;

describe('a write between a read and its write', () => {
  test('close rejoins when a signal joins after it looked', async () => {
    const { incidentId, resource } = await anIncident();

    const verdict = await interrupted(
      () => incidents.close(incidentId, healed, 1, after(60)),
      () => incidents.openOrJoin(aSignal(resource.arn), resource, ulid, after(59)),
    );

    expect(verdict).toBe('rejoined');
    expect(await incidents.get(incidentId)).toMatchObject({ status: 'opening', signalCount: 2 });
  });

  test('a signal opens a new incident when the one it was to join closes first', async () => {
    const { incidentId, resource } = await anIncident();

    const joined = await interrupted(
      () => incidents.openOrJoin(aSignal(resource.arn), resource, ulid, after(60)),
      () => incidents.close(incidentId, healed, 1, after(59)),
    );

    expect(joined).toMatchObject({ opened: true, duplicate: false });
    expect(await incidents.get(joined.incidentId)).toMatchObject({ signalCount: 1, reopens: incidentId });
  });

  test('a signal delivered twice opens nothing when its first delivery opened and closed meanwhile', async () => {
    const resource = aResource();
    const signal = aSignal(resource.arn);
    let first = '';

    const second = await interrupted(
      () => incidents.openOrJoin(signal, resource, ulid, START),
      async () => {
        first = (await incidents.openOrJoin(signal, resource, ulid, START)).incidentId;
        await incidents.close(first, { kind: 'noise', why: '' }, 1, after(1));
      },
    );

    expect(second).toEqual({ incidentId: first, opened: false, status: 'closed', duplicate: true });
  });

  test('the budget is judged again when another attempt was begun and ended meanwhile', async () => {
    const policy = policyWith({ maxConcurrent: 50, attemptBudget: 1 });
    const { incidentId, resource } = await anIncident();
    const other = await anIncident();

    const answer = await interrupted(
      () => control.acquire(acquiring(incidentId, resource, { policy })),
      async () => {
        await control.acquire(acquiring(other.incidentId, resource, { policy }));
        await control.release(other.incidentId, [resource.arn]);
      },
    );

    expect(answer).toMatchObject({ ok: false, why: 'budget' });
  });

  test('nothing is acquired when lever, mode or freeze changed meanwhile', async () => {
    const changes = {
      lever: () => control.setLever('healing', 'engaged', 'a test', START),
      mode: (resource: ReturnType<typeof aResource>) => knowledge.putResource({ ...resource, mode: 'suggest' }),
      frozen: (resource: ReturnType<typeof aResource>) => control.freeze(resource.arn, 'a test', ulid(), START),
    };
    const answers: unknown[] = [];
    for (const change of Object.values(changes)) {
      const { incidentId, resource } = await anIncident();
      answers.push(
        await interrupted(
          () => control.acquire(acquiring(incidentId, resource)),
          () => change(resource),
        ),
      );
      await disengage();
    }

    expect(answers).toMatchObject(Object.keys(changes).map((why) => ({ ok: false, why })));
  });
});

describe('an answer that is lost on its way', () => {
  test('opens no second incident when intake is run again', async () => {
    const resource = aResource();
    const signal = aSignal(resource.arn);

    await expect(answerLost(() => incidents.openOrJoin(signal, resource, ulid, START))).rejects.toThrow(
      'socket hang up',
    );
    const again = await incidents.openOrJoin(signal, resource, ulid, after(1));

    expect(again).toMatchObject({ opened: false, status: 'opening', duplicate: true });
    expect(await incidents.get(again.incidentId)).toMatchObject({ signalCount: 1 });
  });

  test('closes, learns and appends once when the step is run again', async () => {
    const { incidentId, resource } = await anIncident();
    await incidents.putAttempt(incidentId, anAttempt(resource.arn));
    const lesson = {
      incidentId,
      attempt: 1,
      fault: 'deadlock',
      resource: resource.arn,
      resourceType: 'ecs-service',
      action: 'lost-answer',
      outcome: 'recovered',
      prior: { alpha: 1, beta: 1 },
    } as const;
    const entry = {
      incidentId,
      eventId: 'Learn#5',
      at: START,
      state: 'Learn',
      attempt: 1,
      verdict: 'close',
      why: [],
      saw: {},
    };
    const steps = [
      () => knowledge.learn(lesson),
      () => audit.append(entry),
      () => incidents.close(incidentId, healed, 1, after(60)),
    ];

    const answers: unknown[] = [];
    for (const step of steps) {
      await expect(answerLost<unknown>(step)).rejects.toThrow('socket hang up');
      answers.push(await step());
    }

    expect(answers).toMatchObject(['already', { n: 1 }, 'closed']);
    expect(await knowledge.posteriors('ecs-service', ['deadlock'])).toEqual({
      'deadlock/lost-answer': { alpha: 2, beta: 1 },
    });
    expect(await audit.trail(incidentId)).toHaveLength(1);
  });

  test('counts one attempt when Recover is run again, once its first call cannot be running any more', async () => {
    const policy = policyWith({ maxConcurrent: 50 });
    const { incidentId, resource } = await anIncident();
    const ask = (now: string) => control.acquire(acquiring(incidentId, resource, { now, policy }));

    await expect(answerLost(() => ask(START))).rejects.toThrow('socket hang up');
    const early = await ask(after(1));
    const later = await ask(after(300));

    expect(early).toMatchObject({ ok: false, why: 'leased' });
    expect(later).toEqual({ ok: true });
    expect((await control.budget(resource.arn, policy, after(300))).attempts).toBe(1);
  });
});
