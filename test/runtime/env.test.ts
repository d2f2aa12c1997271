import { afterEach, describe, expect, test, vi } from 'vitest';
import { DEFAULT_POLICY } from '../../layers/core/policy.ts';
import { config, requireEnv } from '../../layers/runtime/env.ts';

afterEach(() => vi.unstubAllEnvs());

describe('config', () => {
  test('asks for a variable by name and meaning when it is used, not before', () => {
    vi.stubEnv('HEAL_ARN', undefined);

    expect(() => config().healArn).toThrow('set HEAL_ARN: the ARN of the heal state machine');
    expect(() => requireEnv('NOT_SET_ANYWHERE')).toThrow('set NOT_SET_ANYWHERE');
  });

  test('has the defaults where the policy says nothing', () => {
    vi.stubEnv('PRUNELLA_POLICY', '{"maxConcurrent":7}');

    expect(config().policy).toEqual({ ...DEFAULT_POLICY, maxConcurrent: 7 });
  });

  test('follows the environment when that changes', () => {
    vi.stubEnv('PRUNELLA_POLICY', '{"maxAttempts":1}');
    const before = config().policy.maxAttempts;
    vi.stubEnv('PRUNELLA_POLICY', undefined);

    expect([before, config().policy.maxAttempts]).toEqual([1, DEFAULT_POLICY.maxAttempts]);
  });

  test('says what was got when a variable is not what it should be', () => {
    vi.stubEnv('PRUNELLA_POLICY', '{"maxAttempts":0}');
    vi.stubEnv('ACTION_ROLES', '{"restart-service":"not an ARN"}');

    expect(() => config().policy).toThrow(/set PRUNELLA_POLICY to a JSON object .*, got \{"maxAttempts":0\}/);
    expect(() => config().actionRoleArns).toThrow(/set ACTION_ROLES[^]*supply a whole ARN/);
  });

  test('has no language model unless one is named', () => {
    vi.stubEnv('LANGUAGE_MODEL', undefined);
    const none = config().languageModel;
    vi.stubEnv('LANGUAGE_MODEL', 'null');
    const off = config().languageModel;
    vi.stubEnv('LANGUAGE_MODEL', '{"model":"amazon.nova-lite-v1:0"}');

    expect([none, off]).toEqual([undefined, undefined]);
    expect(config().languageModel).toEqual({ model: 'amazon.nova-lite-v1:0', callsPerDay: 100 });
  });

  test('takes the account from the state machine where it is not given', () => {
    vi.stubEnv('ACCOUNT_ID', undefined);
    vi.stubEnv('HEAL_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal');

    expect(config().accountId).toBe('111122223333');
  });
});
