import { shortName } from '../../layers/core/arn.ts';
import type { Ending, Incident } from '../../layers/core/incident.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import { wholeNumber, type Command } from '../command.ts';

/** `recovered by action restart-service`, `escalated: exhausted`, `open`. */
export function endingText(ending: Ending | undefined): string {
  if (!ending) return 'open';
  switch (ending.kind) {
    case 'recovered':
      return `recovered by ${ending.action ?? ending.by}`;
    case 'escalated':
    case 'suppressed':
      return `${ending.kind}: ${ending.because}`;
    case 'noise':
      return 'noise';
  }
}

const row = ({ incidentId, openedAt, resource, diagnosis, attempts, ending }: Incident) => ({
  incident: incidentId,
  opened: openedAt,
  resource: shortName(resource),
  fault: diagnosis?.hypotheses[0]?.fault ?? '',
  attempts,
  ending: endingText(ending),
});

export const command: Command = {
  usage: 'incidents [--last N]',
  summary: 'the latest incidents and how they ended',
  options: { last: 'string' },
  async run({ account, options, out }) {
    const last = wholeNumber(options, 'last', 20);
    await account();
    const latest = await incidents.listRecent(last);
    out.table(latest.map(row), 'No incident yet.');
    return latest;
  },
};
