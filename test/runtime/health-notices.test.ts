import { beforeAll, expect, test } from 'vitest';
import type { HealthNotice } from '../../layers/core/health-notice.ts';
import { knowledge } from '../../layers/runtime/kb/index.ts';
import { after, unique } from './samples.ts';
import { freshTables } from './tables.ts';

beforeAll(freshTables);

const notice = (eventArn: string, over: Partial<HealthNotice> = {}): HealthNotice => ({
  eventArn,
  page: 1,
  service: 'ECS',
  region: 'eu-west-1',
  code: 'AWS_ECS_OPERATIONAL_ISSUE',
  category: 'issue',
  status: 'open',
  from: after(0),
  updatedAt: after(60),
  said: 'Increased error rates.',
  resources: [],
  ...over,
});

test('the newest that AWS Health said of an event stays, whatever order it comes in', async () => {
  const arn = `arn:aws:health:eu-west-1::event/ECS/X/${unique('event')}`;
  const over = notice(arn, { status: 'closed', to: after(600), updatedAt: after(700) });

  const answers = [
    await knowledge.recordHealthNotice(notice(arn)),
    await knowledge.recordHealthNotice(over),
    await knowledge.recordHealthNotice(notice(arn)),
    await knowledge.recordHealthNotice(over),
  ];

  expect(answers).toEqual(['recorded', 'recorded', 'known', 'known']);
  expect((await knowledge.healthNotices()).filter(({ eventArn }) => eventArn === arn)).toEqual([over]);
});
