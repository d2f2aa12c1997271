import { patternsOf } from '../../functions/diagnose/knowledge/patterns.ts';
import { ResourceType } from '../../layers/core/arn.ts';
import type { Pattern } from '../../layers/core/experience.ts';
import { sayDaily, sayLag, sayTrouble, type Learned } from '../../layers/core/sequence.ts';
import { percent } from '../../layers/core/units.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import type { Command, Output } from '../command.ts';
import { counted } from '../output.ts';

/** What came three times or more among the past incidents that are kept, of every type of resource. */
export async function recurringPatterns(): Promise<Pattern[]> {
  const all = await Promise.all(ResourceType.options.map((type) => knowledge.pastIncidents(type)));
  return all.flatMap(patternsOf).sort((a, b) => b.times - a.times);
}

export function printRecurring(patterns: readonly Pattern[], out: Output): void {
  for (const { times, name, lastAt, fixes } of patterns) {
    const [best] = fixes;
    const fix = best && best.healed > 0 ? `; ${best.action} healed ${best.healed} of ${best.healed + best.failed}` : '';
    out.line(`  ${String(times).padStart(4)} times, last ${lastAt}: ${name}${fix}`);
  }
}

function printOrder({ at, troubles, since, tested, sequences, daily }: Learned, out: Output): void {
  out.line(
    `\nIn order, learned ${at} from ${counted(troubles, 'trouble')} since ${since} (${tested} tests against chance):`,
  );
  if (sequences.length + daily.length === 0) out.line('  nothing that chance would not show as well');
  for (const { first, next, followed, came, lag, probability, atLeast, chance, lastAt } of sequences) {
    out.line(`  ${sayTrouble(next)} follows ${sayTrouble(first)}: ${followed} of ${came} times, ${sayLag(lag)}`);
    out.line(
      `        ${percent(probability)}, at least ${percent(atLeast)}; by chance ${percent(chance)}; last ${lastAt}`,
    );
  }
  for (const one of daily)
    out.line(
      `  ${sayTrouble(one.trouble)} comes ${sayDaily(one)}; by chance ${percent(one.chance)}; last ${one.lastAt}`,
    );
}

export const command: Command = {
  usage: 'patterns',
  summary: 'trouble that recurs: what looks alike, what follows what, and what comes by the clock',
  async run({ account, out }) {
    await account();
    const [recurring, learned] = await Promise.all([recurringPatterns(), knowledge.learnedSequences()]);
    out.line(recurring.length > 0 ? 'Recurring:' : 'Nothing has come three times yet.');
    printRecurring(recurring, out);
    if (learned) printOrder(learned, out);
    else out.line('\nIn order: nothing was learned yet; it is once a day, when an incident has ended.');
    return { recurring, ...(learned ? { order: learned } : {}) };
  },
};
