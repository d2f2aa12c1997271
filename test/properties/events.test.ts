import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { takeBatch as takeChanges } from '../../functions/changes/changes.ts';
import type { Look } from '../../functions/changes/feed.ts';
import { takeBatch, toRetry, type IntakePorts } from '../../functions/intake/intake.ts';
import { normalise } from '../../functions/intake/normalise.ts';
import { Arn } from '../../layers/core/arn.ts';
import { Change } from '../../layers/core/inventory.ts';
import { Signal } from '../../layers/core/signal.ts';
import { addSeconds, minutes } from '../../layers/core/units.ts';
import {
  alarmEvent,
  deploymentEvent,
  event,
  NOW,
  SERVICE,
  serviceActionEvent,
  taskEvent,
} from '../functions/intake/events.ts';
import { aResource } from '../runtime/samples.ts';
import { mutated } from './mutate.ts';

const parameterEvent = event({
  source: 'aws.ssm',
  type: 'Parameter Store Change',
  resources: ['arn:aws:ssm:eu-west-1:111122223333:parameter/checkout/limit'],
  detail: { operation: 'Update', name: '/checkout/limit', type: 'String' },
});
const callEvent = event({
  source: 'aws.ecs',
  type: 'AWS API Call via CloudTrail',
  detail: {
    eventID: 'call-1',
    eventSource: 'ecs.amazonaws.com',
    eventName: 'UpdateService',
    eventTime: '2026-11-22T11:59:30Z',
    userIdentity: { arn: 'arn:aws:sts::111122223333:assumed-role/Admin/ada' },
    requestParameters: { service: 'checkout', cluster: 'prod', desiredCount: 3 },
    responseElements: null,
  },
});
const SAMPLES = [
  alarmEvent(),
  taskEvent(),
  deploymentEvent('SERVICE_DEPLOYMENT_FAILED'),
  serviceActionEvent('SERVICE_TASK_PLACEMENT_FAILURE'),
];
/** Samples as they are, changed, and anything at all: as text. */
const bodies = (samples: readonly object[]): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: mutated(samples).map((one) => JSON.stringify(one) ?? '') },
    { weight: 2, arbitrary: fc.json() },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  );

describe('intake, of whatever lies in its queue,', () => {
  test('makes a signal that holds together, or says why not', () => {
    fc.assert(
      fc.property(fc.oneof(mutated(SAMPLES), fc.jsonValue()), (sent) => {
        const made = normalise(sent, NOW);

        if (made.kind !== 'signal') return void expect(made.why).not.toBe('');
        const { about, signal } = made;
        const [first] = 'resources' in about ? about.resources : ['resource' in about ? about.resource : about.alarm];
        const arn = Arn.parse(first);
        Signal.parse({ ...signal, resource: arn });
        expect(signal.at <= addSeconds(NOW, minutes(5))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test('opens nothing but for what is watched, answers for each message once, and keeps what it does not understand', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bodies(SAMPLES), { minLength: 1, maxLength: 10 }), async (sent) => {
        const took: string[] = [];
        const take = (signal: Signal) => {
          took.push(signal.resource);
          return Promise.resolve({ incidentId: 'i', opened: true, status: 'open', duplicate: false } as const);
        };
        const ports: IntakePorts = {
          now: () => NOW,
          resourceOfAlarm: () => Promise.resolve(SERVICE),
          resource: (arn) => Promise.resolve(arn === SERVICE ? aResource({ arn }) : undefined),
          openOrJoin: take,
          join: take,
          start: () => Promise.resolve(),
        };
        const messages = sent.map((body, n) => ({ messageId: String(n), body }));

        const outcomes = await takeBatch(messages, ports);

        expect(outcomes.map(({ messageId }) => messageId).toSorted()).toEqual(
          messages.map(({ messageId }) => messageId).toSorted(),
        );
        expect(took.every((arn) => arn === SERVICE)).toBe(true);
        const back = new Set(toRetry(outcomes));
        for (const { messageId, fate, why } of outcomes) {
          if (fate === 'malformed' || fate === 'failed') expect(back.has(messageId)).toBe(true);
          if (fate === 'malformed') expect(why).toMatch(/\S/);
          expect(fate, why).not.toBe('failed'); // nothing failed here but the message itself
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('the change feed, of whatever lies in its queue,', () => {
  const look: Look = {
    revisionOf: () => Promise.resolve(undefined),
    groupOf: () => Promise.resolve(undefined),
    desiredCountOf: () => Promise.resolve(undefined),
    parameterVersionOf: () => Promise.resolve(undefined),
  };

  test('records a change that holds together, or keeps the message and says why', async () => {
    await fc.assert(
      fc.asyncProperty(bodies([callEvent, parameterEvent, ...SAMPLES]), async (body) => {
        const recorded: unknown[] = [];
        const [outcome] = await takeChanges(
          [{ messageId: 'm', body }],
          {
            resource: (arn) => Promise.resolve(aResource({ arn })),
            resourceOfTargetGroup: () => Promise.resolve(undefined),
            changes: () => Promise.resolve([]),
            recordChange: (change) => Promise.resolve(recorded.push(Change.parse(change)) ? 'recorded' : 'known'),
            recordTwin: () => Promise.resolve('known'),
            recordHealthNotice: () => Promise.resolve('recorded'),
            discover: () => Promise.resolve(),
          },
          look,
        );

        if (outcome && !outcome.ok) {
          expect(outcome.why).toMatch(/\S/);
          // Said as a reader of it needs it, not as the program that stumbled.
          expect(outcome.why).not.toMatch(/undefined \(reading|is not a function|is not iterable|Invalid time value/);
        }
      }),
      { numRuns: 1_500 },
    );
  });
});
