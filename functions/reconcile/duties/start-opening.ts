import { minutes, secondsBetween } from '../../../layers/core/units.ts';
import { each, type Duty } from '../duty.ts';

/** Intake starts an incident within seconds; what still waits then was left behind. */
const LONG = minutes(1);

/** An incident is written before its execution is started: one whose start was lost is started here. */
export const duty: Duty = {
  name: 'start-opening',
  summary: 'Starts the executions of incidents that have been opening for over a minute.',
  async run({ kb, now, executions }) {
    const opening = (await kb.incidents.listOpen()).filter(
      ({ status, openedAt }) => status === 'opening' && secondsBetween(openedAt, now()) > LONG,
    );
    return each(
      opening,
      ({ incidentId }) => incidentId,
      async ({ incidentId }) => {
        const { executionArn, existed } = await executions.start(incidentId);
        // Also one that ran and is over by now: `finish-dead` brings the incident to its end.
        await kb.incidents.markOpen(incidentId, executionArn);
        return `${existed ? 'found' : 'started'} the execution of ${incidentId}`;
      },
    );
  },
};
