import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../../layers/core/policy.ts';
import { DEFAULT_WATCH } from '../../layers/core/watch-policy.ts';
import { readSettings } from '../../infra/settings.ts';

const read = (context: Record<string, unknown>) => readSettings(new App({ context }).node);

describe('the settings of a deployment', () => {
  it('are those of a careful operator when nothing is given', () => {
    expect(read({})).toEqual({
      write: true,
      policy: DEFAULT_POLICY,
      watch: DEFAULT_WATCH,
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

  it('are refused with what is wrong and what would be right', () => {
    expect(() => read({ passRoles: ['app-task'] })).toThrow(
      'supply role ARNs, e.g. arn:aws:iam::111122223333:role/app-task',
    );
    expect(() => read({ 'prunella:policy': { maxConcurent: 5 } })).toThrow('maxConcurent');
    expect(() => read({ 'prunella:write': 'perhaps' })).toThrow('write');
  });
});
