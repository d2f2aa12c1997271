import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelVersion } from '../../layers/core/model-version.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { freshTables } from '../runtime/tables.ts';
import { prunella } from './commandline.ts';

vi.mock(import('../../cli/account.ts'), () => ({
  connect: () => Promise.resolve({ name: 'a test', answerFunction: 'answer', discoverFunction: 'discover' }),
}));

const sts = mockClient(STSClient);
const ADA = 'arn:aws:sts::111122223333:assumed-role/operator/ada';

const versionOf = (version: number): ModelVersion => ({
  type: 'ecs-service',
  version,
  learnedAt: `2026-11-0${version}T00:00:00.000Z`,
  columns: ['CPUUtilization'],
  model: Uint8Array.of(version),
  figures: {
    learnedFrom: { failures: 9, healthy: 80 },
    judgedOn: { failures: 5, healthy: 40, since: '2026-10-20T00:00:00.000Z' },
    own: { brier: 0.012, logLoss: 0.05 },
    inUse: { brier: 0.034, logLoss: 0.16, version: version - 1 },
    chance: 0.002,
    reliability: [{ from: 0.9, to: 1, count: 12, foretold: 0.95, cameTrue: 0.917 }],
    seconds: 8,
    kilobytes: 20,
  },
  why: 'it is better',
});

beforeEach(async () => {
  await freshTables();
  sts.reset();
  sts.on(GetCallerIdentityCommand).resolves({ Arn: ADA });
});

const learn = async (version: number): Promise<void> => {
  await kb.knowledge.putModel(versionOf(version), { use: true, seen: version - 1, forget: [] });
};

describe('models', () => {
  it('says that nothing was learned yet', async () => {
    const { code, printed } = await prunella('models');

    expect(code).toBe(0);
    expect(printed).toContain('Nothing was learned yet');
  });

  it('says why the prior stays where failures are too few', async () => {
    await kb.knowledge.putTrained('sqs-queue', {
      at: '2026-11-01T00:00:00.000Z',
      failures: 2,
      why: 'too few failures',
    });

    const { printed } = await prunella('models');

    expect(printed).toContain('sqs-queue: in use is the prior, which foretells nothing');
    expect(printed).toContain('2 failures of its own: too few failures');
  });

  it('lists versions with their figures, the newest first', async () => {
    await learn(1);
    await learn(2);

    const { printed } = await prunella('models');

    expect(printed).toContain('ecs-service: in use is ecs-service-2, since 2026-11-02T00:00:00.000Z by training');
    expect(printed).toMatch(
      /ecs-service-2 .*9 failures, 80 healthy .*0\.012 \(ecs-service-1: 0\.034\).*in use\necs-service-1 /,
    );
    expect(printed).toMatch(/how often what ecs-service-2 foretold came true.*\n.*\n90 % to 100 % +95 % +92 % +12/);
  });
});

describe('the fault model', () => {
  it('is listed with how many incidents it learned from, and set back to the shipped one', async () => {
    const figures = { ...versionOf(1).figures, learnedFrom: { failures: 20, healthy: 0 } };
    const version = { ...versionOf(1), type: 'fault' as const, figures };
    await kb.knowledge.putModel(version, { use: true, seen: 0, forget: [] });

    const listed = await prunella('models');
    const { code } = await prunella('models', 'rollback', 'fault-0');
    const after = await prunella('models');

    expect(listed.printed).toContain('fault: in use is fault-1');
    expect(listed.printed).toMatch(/fault-1 .*20 incidents/);
    expect(code).toBe(0);
    expect(after.printed).toContain('fault: in use is the shipped model');
    expect(await kb.knowledge.faultModelInUse()).toMatchObject({ version: 0, by: ADA });
    expect((await kb.knowledge.modelsInUse(['ecs-service'])).size).toBe(0);
  });
});

describe('models rollback', () => {
  it('sets a version back in the name of who asked, and what replaces it is judged on what happens since', async () => {
    await learn(1);
    await learn(2);

    const { code, printed } = await prunella('models', 'rollback', 'ecs-service-1');

    expect(code).toBe(0);
    expect(printed).toContain('ecs-service-1 is in use');
    const { inUse, changes } = await kb.knowledge.models('ecs-service');
    expect(inUse).toMatchObject({ version: 1, by: ADA, model: Uint8Array.of(1) });
    expect(inUse?.judgeSince).toBe(inUse?.since);
    expect(changes[0]).toMatchObject({ from: 2, to: 1, by: ADA });
  });

  it('sets back to none, after which a training that had seen the other writes nothing', async () => {
    await learn(1);

    await prunella('models', 'rollback', 'ecs-service-0');

    const late = await kb.knowledge.putModel(versionOf(2), { use: true, seen: 1, forget: [] });
    const { inUse, versions } = await kb.knowledge.models('ecs-service');
    expect(late).toBe(false);
    expect(inUse).not.toHaveProperty('model');
    expect(versions.map(({ version }) => version)).toEqual([1]);
  });

  it.each([
    [['rollback', 'ecs-service-7'], 'kept are ecs-service-1, ecs-service-0'],
    [['rollback', 'ecs-service-1'], 'is in use already'],
    [['rollback', 'nothing'], 'supply a version such as ecs-service-3 or fault-2'],
    [['forward', 'ecs-service-1'], 'supply nothing, or rollback and a version'],
  ])('%j is refused', async (args, why) => {
    await learn(1);

    const { code, complained } = await prunella('models', ...args);

    expect(code).toBe(1);
    expect(complained).toContain(why);
  });
});
