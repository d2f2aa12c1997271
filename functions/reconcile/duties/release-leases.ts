import { NotFound } from '../../../layers/runtime/database.ts';
import { each, type Duty, type Reconciling } from '../duty.ts';

/** A lease that expired is anybody's to take, but it also stands for work that nobody finished. */
export const duty: Duty = {
  name: 'release-leases',
  summary: 'Gives back expired leases whose incident has ended.',
  async run(context) {
    const expired = await context.kb.control.expired(context.now());
    const byIncident = [...Map.groupBy(expired, ({ incidentId }) => incidentId)];
    return each(
      byIncident,
      ([incidentId]) => incidentId,
      async ([incidentId, leases]) => {
        if (!(await hasEnded(incidentId, context))) return undefined; // `finish-dead` ends it, or its execution renews them
        await context.kb.control.release(
          incidentId,
          leases.map(({ arn }) => arn),
        );
        return `released ${leases.length} leases of ${incidentId}`;
      },
    );
  },
};

async function hasEnded(incidentId: string, { kb }: Reconciling): Promise<boolean> {
  try {
    return (await kb.incidents.get(incidentId)).status === 'closed';
  } catch (error) {
    if (error instanceof NotFound) return true;
    throw error;
  }
}
