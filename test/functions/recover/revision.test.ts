import { expect, test } from 'vitest';
import { withMemory } from '../../../functions/recover/support/revision.ts';

test.each([
  ['asks for Fargate', { requiresCompatibilities: ['FARGATE'] }, '2048'],
  ['asks for nothing, and fits Fargate', { compatibilities: ['EC2', 'FARGATE'] }, '2048'],
  [
    'asks for nothing: AWS says so by an empty list',
    { requiresCompatibilities: [], compatibilities: ['FARGATE'] },
    '2048',
  ],
  ['asks for EC2 alone', { requiresCompatibilities: ['EC2'], compatibilities: ['EC2', 'FARGATE'] }, '1500'],
] as const)('a revision that %s is given memory of a size that can run there', (_, where, memory) => {
  const revision = {
    cpu: '256',
    memory: '1024',
    containerDefinitions: [{ name: 'app' }],
    requiresCompatibilities: [...('requiresCompatibilities' in where ? where.requiresCompatibilities : [])],
    compatibilities: [...('compatibilities' in where ? where.compatibilities : [])],
  };

  expect(withMemory(revision, 1500)).toMatchObject({ memory });
});
