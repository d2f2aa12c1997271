import { shortName } from '../../layers/core/arn.ts';
import type { Incident } from '../../layers/core/incident.ts';
import { posteriorMean } from '../../layers/core/posterior.ts';
import { reportOf } from '../../layers/core/suggestion.ts';
import { percent, secondsBetween } from '../../layers/core/units.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { wholeNumber, type Command } from '../command.ts';
import { counted, humanSeconds } from '../output.ts';
import { judgeSuggestions, printSuggestions } from '../suggestions.ts';
import { endingText } from './incidents.ts';
import { printRecurring, recurringPatterns } from './patterns.ts';

const MOST = 1000;

export interface Summary {
  readonly incidents: number;
  readonly endings: Readonly<Record<string, number>>;
  /** Recovered by action, of all that were recovered or escalated. Undefined when there were none. */
  readonly healingRate: number | undefined;
  /** Mean seconds from onset to the end, of those recovered by action. */
  readonly meanSecondsToRecover: number | undefined;
}

/**
 * Counts only what ended. Noise is no failure to heal, nor is what it was not let act on (mode, lever, a person told
 * already): both are left out of the rate, as on the dashboard.
 */
export function summarise(list: readonly Incident[]): Summary {
  const ended = list.filter(({ ending }) => ending !== undefined);
  const might = ended.filter(({ ending }) => ending?.kind === 'recovered' || ending?.kind === 'escalated');
  const healed = ended.filter(({ ending }) => ending?.kind === 'recovered' && ending.by === 'action');
  const times = healed.map(({ onset, closedAt }) => secondsBetween(onset, closedAt ?? onset));
  const endings = Object.fromEntries(
    Object.entries(Object.groupBy(list, ({ ending }) => endingText(ending))).map(([text, group]) => [
      text,
      group?.length ?? 0,
    ]),
  );
  return {
    incidents: list.length,
    endings,
    healingRate: might.length > 0 ? healed.length / might.length : undefined,
    meanSecondsToRecover: times.length > 0 ? times.reduce((a, b) => a + b, 0) / times.length : undefined,
  };
}

export const command: Command = {
  usage: 'report [--days N]',
  summary: 'what happened, what healed it, and what suggest mode would have done',
  options: { days: 'string' },
  async run({ account, options, out }) {
    const days = wholeNumber(options, 'days', 30);
    await account();
    const from = new Date(Date.now() - days * 86_400_000).toISOString();
    const list = (await incidents.listRecent(MOST)).filter(({ openedAt }) => openedAt >= from);
    const summary = summarise(list);
    const fixes = await knowledge.fixes();
    const recurring = await recurringPatterns();
    const judged = await judgeSuggestions(list, new Date().toISOString());
    const suggestions = reportOf(judged);

    out.line(
      `${counted(summary.incidents, 'incident')} in the last ${counted(days, 'day')}${list.length === MOST ? ` (the latest ${MOST})` : ''}`,
    );
    for (const [ending, count] of Object.entries(summary.endings))
      out.line(`  ${String(count).padStart(4)}  ${ending}`);
    if (summary.healingRate !== undefined)
      out.line(`Healed by action: ${percent(summary.healingRate)} of those that it was let act on`);
    if (summary.meanSecondsToRecover !== undefined)
      out.line(`Mean time from onset to verified recovery: ${humanSeconds(summary.meanSecondsToRecover)}`);
    out.line();
    out.table(
      fixes.map(({ fault, resourceType, action, posterior, tries }) => ({
        fault,
        resource: resourceType,
        action,
        tries,
        'success (mean)': posteriorMean(posterior).toFixed(2),
      })),
      'No fix was tried yet.',
    );
    if (recurring.length > 0) out.line('\nRecurring:');
    printRecurring(recurring, out);
    printSuggestions(suggestions, out);
    for (const { at, resource, action, fate, incidentId } of judged)
      out.line(`  ${at}  ${shortName(resource)}: ${action}, ${fate} (npx prunella explain ${incidentId})`);
    return { days, ...summary, fixes, recurring, suggestions, suggested: judged };
  },
};
