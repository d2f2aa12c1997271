import { HealthEvent, noticeOf } from '../../../layers/core/health-notice.ts';
import { defineSource } from '../source.ts';

/**
 * AWS tells of trouble of its own. What names a resource opens or joins an incident; what is of a service as a whole, planned,
 * or only announced is recorded, and is evidence.
 */
export const source = defineSource({
  name: 'aws-health',
  pattern: { source: ['aws.health'], 'detail-type': ['AWS Health Event'] },
  event: HealthEvent,
  read(event) {
    const { eventArn, service, code, category, status, from, said, resources } = noticeOf(event);
    if (category !== 'issue' || status !== 'open' || resources.length === 0)
      return { kind: 'change', why: `${code}: ${category}, ${status}, of ${resources.length || 'no'} resources` };
    return {
      kind: 'signal',
      signal: {
        kind: 'health-event',
        // AWS tells of an event again as it learns more.
        id: eventArn,
        at: from,
        summary: `AWS Health reports ${code}. ${said}`.trim(),
        service,
        event: code,
      },
      about: { resources },
      effect: 'opens',
    };
  },
});
