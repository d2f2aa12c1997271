import { expect, test } from 'vitest';
import { below } from '../../../functions/diagnose/support/below.ts';
import { CALLEE, SERVICE, resourceOf } from '../evidence.ts';

const FAR = 'arn:aws:ecs:eu-west-1:111122223333:service/prod/ledger';

test('what a resource calls at any distance is below it, not who calls it, and a cycle ends', () => {
  const resources = [
    resourceOf({ dependsOn: [CALLEE] }),
    resourceOf({ arn: CALLEE, dependsOn: [FAR, SERVICE] }),
    resourceOf({ arn: FAR }),
  ];

  expect([...below({ resource: SERVICE, resources })]).toEqual([CALLEE, FAR]);
  expect([...below({ resource: FAR, resources })]).toEqual([]);
});
