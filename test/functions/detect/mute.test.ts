import { expect, test } from 'vitest';
import { isMuted } from '../../../functions/detect/mute.ts';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Signal } from '../../../layers/core/signal.ts';

const signal = { kind: 'alarm', alarm: 'high-cpu' } as Signal;

test.each([
  [[{ NextToken: 'a' }, { AlarmMuteRuleSummaries: [{}] }], true],
  [[{ AlarmMuteRuleSummaries: [], NextToken: 'a' }, {}], false],
])('a mute rule is found behind an empty page: case %#', async (pages, muted) => {
  const rest = [...pages];
  const aws = { cloudwatch: { send: () => Promise.resolve(rest.shift()) } } as unknown as Aws;

  expect((await isMuted([signal], aws)).muted).toBe(muted);
  expect(rest).toEqual([]);
});
