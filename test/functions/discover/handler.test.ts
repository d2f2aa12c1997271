import type { Context } from 'aws-lambda';
import { beforeEach, expect, test, vi } from 'vitest';
import { discoverAll, discoverSome } from '../../../functions/discover/discover.ts';
import { handler } from '../../../functions/discover/handler.ts';

vi.mock(import('../../../functions/discover/discover.ts'));
vi.mock(import('../../../layers/runtime/aws.ts'));

const found = { watched: 1, removed: 0, alarms: 0, unresolved: 0, gaps: [] };
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
const arn = (name: string) => `arn:aws:ecs:eu-west-1:111122223333:service/prod/${name}`;
const tagChange = (...resources: string[]) => ({
  body: JSON.stringify({ source: 'aws.tag', 'detail-type': 'Tag Change on Resource', resources }),
});

beforeEach(() => {
  vi.stubEnv('HEAL_ARN', 'arn:aws:states:eu-west-1:111122223333:stateMachine:heal');
  vi.mocked(discoverAll).mockResolvedValue(found);
  vi.mocked(discoverSome).mockResolvedValue(found);
});

test('looks once at all the resources whose tags a batch of events says were changed', async () => {
  await handler({ Records: [tagChange(arn('web')), tagChange(arn('orders'), arn('web'))] }, context);

  expect(vi.mocked(discoverSome).mock.calls.map(([, arns]) => arns)).toEqual([[arn('web'), arn('orders'), arn('web')]]);
  expect(discoverAll).not.toHaveBeenCalled();
});

test.each([[{ 'detail-type': 'Scheduled Event' }], [{}]])(
  'looks at everything when it is asked by %j',
  async (event) => {
    await handler(event, context);

    expect(discoverAll).toHaveBeenCalledOnce();
  },
);
