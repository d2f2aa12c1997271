import { BUDGET_WINDOW, type Budget } from '../../../layers/core/impact.ts';
import type { Severity } from '../../../layers/core/taxonomy.ts';
import type { Ratio } from '../../../layers/core/units.ts';
import type { BadTime, Served } from './served.ts';

/**
 * What an incident took of an error budget (Google, "The Site Reliability Workbook", chapters 2 and 5): the budget is the
 * share of requests that may fail in 30 days, the burn rate the share that fails by the share that may. How many requests
 * 30 days bring is taken from the rate before the onset, so that an outage that keeps requests away is not cheaper.
 */
export function budgetOf(objective: Ratio, served: Served | undefined, time: BadTime | undefined): Budget | undefined {
  const may = 1 - objective;
  if (may <= 0) return undefined;
  if (served && served.over > 0) {
    const perSecond = served.usualRate ?? served.requests / served.over;
    return {
      objective,
      burned: served.failed / (may * perSecond * BUDGET_WINDOW),
      rate: served.failed / served.requests / may,
      by: 'requests',
    };
  }
  if (!time || time.over <= 0) return undefined;
  return { objective, burned: time.bad / (may * BUDGET_WINDOW), rate: time.bad / time.over / may, by: 'periods' };
}

/**
 * The burn rates at which the Workbook has a person woken, has one look today, or writes a ticket (chapter 5, table 5-8):
 * 2 % of the budget in an hour, 5 % in six, 10 % in three days.
 */
const RATES: readonly (readonly [rate: number, severity: Severity])[] = [
  [14.4, 'high'],
  [6, 'medium'],
  [1, 'low'],
];

/**
 * How bad a burn rate is. Bad periods alone say that something is bad, not how many feel it: they raise nothing.
 */
export function severityOfRate(budget: Budget | undefined): Severity {
  if (!budget || budget.by === 'periods') return 'info';
  return RATES.find(([rate]) => budget.rate >= rate)?.[1] ?? 'info';
}
