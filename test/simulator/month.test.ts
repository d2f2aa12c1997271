import { expect, it } from 'vitest';
import { healthy } from '../../simulator/month.ts';

it('leaves a healthy account alone for a day of deployments, parameter writes and scaling', async () => {
  const { incidents, actions, innocent, violations } = await healthy(1, 1);

  expect(actions).toEqual([]);
  expect(violations).toEqual([]);
  expect(innocent['UpdateService']).toBeGreaterThan(3);
  expect(innocent['PutParameter']).toBeGreaterThan(0);
  expect(incidents.filter(({ ending }) => !['noise', 'recovered by itself'].includes(ending))).toEqual([]);
}, 120_000);
