import { columns } from '../support/columns.ts';
import { WINDOW, type Watched } from './watch.ts';

/** Ways to get well, in the order of their columns. */
export const WAYS = ['nobody', 'ecs', 'prunella'] as const;
export type Way = (typeof WAYS)[number];

export const TITLES: Readonly<Record<Way, string>> = {
  nobody: 'without healing',
  ecs: "ECS's circuit breaker only",
  prunella: 'Prunella',
};

/** Availability over the same window and time to recover, a row a scenario. What does not recover is never a number. */
export function table(results: Readonly<Partial<Record<Way, readonly Watched[]>>>): string {
  const ways = WAYS.filter((way) => results[way]);
  const scenarios = [...new Set(ways.flatMap((way) => results[way]?.map(({ scenario }) => scenario) ?? []))];
  const header = ['scenario', ...ways.flatMap((way) => [TITLES[way], 'well after'])];
  const rows = scenarios.map((scenario) => [
    scenario,
    ...ways.flatMap((way) => cells(results[way]?.find((watched) => watched.scenario === scenario))),
  ]);
  return columns([header, ...rows]);
}

function cells(watched: Watched | undefined): readonly string[] {
  if (!watched) return ['-', '-'];
  const { availability, recoveredMs, noticed } = watched;
  const after = recoveredMs === null ? `> ${WINDOW} s` : `${Math.round(recoveredMs / 1000)} s`;
  return [`${(availability * 100).toFixed(1)} %`, noticed ? after : 'not noticed'];
}
