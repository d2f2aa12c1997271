import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../layers/core/policy.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import { readSettings } from '../../infra/settings.ts';
import { nodeWith } from './context.ts';

const read = (context: Record<string, unknown>) => readSettings(nodeWith(context));

describe('the settings of a deployment', () => {
  it('are those of a careful operator when nothing is given', () => {
    expect(read({})).toEqual({
      write: true,
      policy: DEFAULT_POLICY,
      watch: DEFAULT_WATCH,
      probe: { loopback: false, subnets: [], securityGroups: [] },
      notify: [],
      passRoles: [],
      runbook: 'docs/runbook.md',
    });
  });

  it('are read from text as the command line gives it', () => {
    const settings = read({
      'prunella:write': 'false',
      'prunella:policy': '{"maxConcurrent":5}',
      passRoles: '["arn:aws:iam::111122223333:role/app"]',
    });

    expect(settings).toMatchObject({ write: false, passRoles: ['arn:aws:iam::111122223333:role/app'] });
    expect(settings.policy).toEqual({ ...DEFAULT_POLICY, maxConcurrent: 5 });
  });

  it('name whom to tell, one address or several', () => {
    expect(read({ 'prunella:notify': 'oncall@example.com' }).notify).toEqual(['oncall@example.com']);
    expect(read({ 'prunella:notify': '["a@example.com","b@example.com"]' }).notify).toHaveLength(2);
    expect(() => read({ 'prunella:notify': 'the whole team' })).toThrow(
      'supply e-mail addresses, e.g. oncall@example.com',
    );
  });

  it('name no language model unless one is named, by its id alone or with how often it may be asked', () => {
    const model = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

    expect(read({}).languageModel).toBeUndefined();
    expect(read({ 'prunella:languageModel': model }).languageModel).toEqual({ model, callsPerDay: 100 });
    expect(read({ 'prunella:languageModel': `{"model":"${model}","callsPerDay":5}` }).languageModel).toEqual({
      model,
      callsPerDay: 5,
    });
    for (const wrong of [
      '*',
      'foundation-model/*',
      '{"model":"a.b","callsPerDay":0}',
      '{"modle":"a.b"}',
      'arn:aws:s3:::b',
    ])
      expect(() => read({ 'prunella:languageModel': wrong }), wrong).toThrow('languageModel');
  });

  it('are refused with what is wrong and what would be right', () => {
    expect(() => read({ passRoles: ['app-task'] })).toThrow(
      'supply role ARNs, e.g. arn:aws:iam::111122223333:role/app-task',
    );
    expect(() => read({ 'prunella:policy': { maxConcurent: 5 } })).toThrow('maxConcurent');
    expect(() => read({ 'prunella:write': 'perhaps' })).toThrow('write');
  });
});
