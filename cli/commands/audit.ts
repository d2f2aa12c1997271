import * as audit from '../../layers/runtime/kb/audit.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import { UsageError, wholeNumber, type Command } from '../command.ts';

export const command: Command = {
  usage: 'audit verify [--last N]',
  summary: 'recomputes the hash chain of the latest incidents',
  options: { last: 'string' },
  async run({ args, account, options, out, fail }) {
    if (args.join(' ') !== 'verify')
      throw new UsageError(`supply "audit verify", got "${['audit', ...args].join(' ')}"`);
    const last = wholeNumber(options, 'last', 100);
    await account();
    const results = [];
    for (const { incidentId } of await incidents.listRecent(last)) {
      const { entries, broken } = await audit.verified(incidentId);
      results.push({ incident: incidentId, entries: entries.length, chain: broken ?? 'whole' });
    }
    out.table(results, 'No incident yet.');
    const broken = results.filter(({ chain }) => chain !== 'whole');
    if (broken.length > 0) fail(`${broken.length} of ${results.length} audit trails are broken`);
    return results;
  },
};
