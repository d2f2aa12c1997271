import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AlarmFacts, Facts } from '../../functions/discover/facts.ts';
import { inventoryFrom } from '../../functions/discover/map/inventory.ts';
import { wishesOf } from '../../functions/discover/map/tags.ts';
import { readSettings } from '../../infra/settings.ts';
import { nodeWith } from '../infra/context.ts';
import { Resource } from '../../layers/core/inventory.ts';
import { Mode, permissionFor, Risk, TAGS } from '../../layers/core/mode.ts';
import { DEFAULT_POLICY, Policy } from '../../layers/core/policy.ts';
import { config } from '../../layers/runtime/env.ts';

const at = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:111122223333:${resource}`;
const SERVICE = at('ecs', 'service/prod/checkout');

/** What may stand in a tag: AWS allows 256 characters of nearly anything. */
const text = fc.oneof(
  fc.constantFrom(
    'heal',
    ' Heal ',
    'HEAL',
    'suggest',
    'approve',
    'observe',
    'heal!',
    'healing',
    '',
    ' ',
    'R0',
    'R5',
    'true',
    'false',
  ),
  fc.constantFrom('arn:', SERVICE, 'checkout', 'prod/checkout', '__proto__', 'constructor', 'quote', ':', '::', '/'),
  fc.string({ maxLength: 256 }),
);
const tags = fc
  .dictionary(fc.constantFrom(...Object.values(TAGS), 'Name', '__proto__'), text)
  .map((all) => ({ ...all }));

describe('tags, whatever an owner writes,', () => {
  test('mean heal only where they say heal; what is no mode is suggest, and is kept to be shown', () => {
    fc.assert(
      fc.property(tags, (given) => {
        const wishes = wishesOf(SERVICE, given);
        const said = (given[TAGS.mode] ?? '').trim().toLowerCase();

        expect(wishes.mode).toBe(Mode.safeParse(said).success ? said : 'suggest');
        if (said !== '' && wishes.mode !== said) expect(wishes.modeFrom).toEqual({ invalid: given[TAGS.mode] });
        expect(wishes.fleet).not.toBe('');
      }),
    );
  });

  test('never raise what may be done alone: a risk that is none means the least', () => {
    fc.assert(
      fc.property(tags, fc.constantFrom(...Risk.options), (given, risk) => {
        const { mode, maxRisk } = wishesOf(SERVICE, given);

        const permission = permissionFor(mode, risk, maxRisk);

        if (permission === 'act') {
          expect(mode).toBe('heal');
          expect(risk <= 'R2').toBe(true);
          if (given[TAGS.maxRisk] !== undefined) expect(risk <= (maxRisk ?? 'R0')).toBe(true);
        }
      }),
    );
  });
});

describe('discovery, whatever tags and alarms an account has,', () => {
  const query = fc.oneof(
    fc.record({
      id: fc.constant('m'),
      namespace: fc.oneof(fc.constantFrom('AWS/ECS', 'AWS/Lambda', 'AWS/ApplicationELB'), text),
      metric: text,
      dimensions: fc.dictionary(
        fc.constantFrom(
          'ClusterName',
          'ServiceName',
          'FunctionName',
          'Resource',
          'TargetGroup',
          'LoadBalancer',
          'QueueName',
        ),
        text,
      ),
      stat: fc.constantFrom('Sum', 'Average', 'p99', 'TM(2%:98%)', ''),
      period: fc.constantFrom(10, 60, 300),
    }),
    fc.record({ id: fc.constant('e'), expression: text, period: fc.constant(60) }),
  );
  const alarm = (name: string): fc.Arbitrary<AlarmFacts> =>
    fc.oneof(
      fc.record({
        kind: fc.constantFrom('metric' as const, 'math' as const),
        arn: fc.constant(at('cloudwatch', `alarm:${name}`)),
        name: fc.constant(name),
        scalesOnly: fc.boolean(),
        queries: fc.array(query, { maxLength: 3 }),
        returns: fc.constantFrom('m', 'e', ''),
        comparison: fc.constantFrom('GreaterThanThreshold', 'LessThanLowerThreshold', ''),
        threshold: fc.double({ noNaN: true }),
        period: fc.constantFrom(10, 60, 300),
        missing: fc.constantFrom('missing', 'breaching', 'notBreaching', ''),
      }),
      fc.record({
        kind: fc.constant('composite' as const),
        arn: fc.constant(at('cloudwatch', `alarm:${name}`)),
        name: fc.constant(name),
        scalesOnly: fc.boolean(),
        rule: fc.oneof(fc.constantFrom('ALARM(a) OR ALARM(b)', 'ALARM("c") AND NOT OK(a)'), text),
      }),
    );
  const ALIAS = at('lambda', 'function:quote:live');

  test('makes records that can be stored, or says of an alarm why it leads nowhere', () => {
    fc.assert(
      fc.property(fc.tuple(alarm('a'), alarm('b'), alarm('c')), tags, text, (alarms, given, resourceTag) => {
        const facts: Facts = {
          tagged: [
            { arn: SERVICE, tags: given },
            { arn: at('lambda', 'function:quote'), tags: given },
          ],
          services: [
            {
              arn: SERVICE,
              targetGroups: [],
              controller: 'ECS',
              scheduling: 'REPLICA',
              logGroups: [],
              parameters: [],
              environment: [{ name: 'TABLE', value: resourceTag }],
            },
          ],
          functions: [
            {
              arn: at('lambda', 'function:quote'),
              aliases: [{ arn: ALIAS }],
              logGroup: '/aws/lambda/quote',
              environment: [],
            },
          ],
          targetGroups: [],
          loadBalancers: [],
          alarms,
          eventSources: [],
          traces: [],
          alarmTags: new Map([[at('cloudwatch', 'alarm:b'), resourceTag]]),
        };

        const { resources, unresolved } = inventoryFrom(facts, '2026-11-22T12:00:00.000Z');

        for (const resource of resources) Resource.parse(resource);
        for (const { why } of unresolved) expect(why).toMatch(/\S/);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('the settings of a deployment, whatever is given,', () => {
  const key = fc.constantFrom('write', 'policy', 'passRoles', 'permissionsBoundary', 'runbook');
  const value = fc.oneof(
    fc.jsonValue(),
    fc.json(),
    fc.dictionary(fc.constantFrom(...Object.keys(Policy.shape), 'maxConcurent'), fc.jsonValue()),
    fc.dictionary(fc.constantFrom(...Object.keys(Policy.shape)), fc.oneof(fc.integer(), fc.double(), fc.string())),
  );

  test('are within their limits, or refused with the name of what is wrong', () => {
    fc.assert(
      fc.property(key, value, (name, given) => {
        const read = () => readSettings(nodeWith({ [`prunella:${name}`]: given }));

        try {
          const { policy } = read();
          expect(Policy.parse(policy)).toEqual(policy);
        } catch (error) {
          expect((error as Error).message).toMatch(/^the context for this deployment is not right:\n/);
          expect((error as Error).message).toContain(name);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('reach a function as they were, or it says which variable is wrong and what it should be', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (given) => {
        process.env['PRUNELLA_POLICY'] = given;
        try {
          const { policy } = config();
          expect(policy.maxConcurrent).toBeGreaterThan(0);
        } catch (error) {
          expect((error as Error).message).toMatch(/^set PRUNELLA_POLICY to a JSON object with the limits/);
        } finally {
          delete process.env['PRUNELLA_POLICY'];
        }
      }),
    );
    expect(config().policy).toEqual(DEFAULT_POLICY);
  });
});
