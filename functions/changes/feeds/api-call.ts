import * as z from 'zod';
import { IncidentId } from '../../../layers/core/incident.ts';
import { readCall } from '../calls.ts';
import { Envelope } from '../../../layers/core/event.ts';
import { defineFeed, instant } from '../feed.ts';

const Loose = z.record(z.string(), z.unknown()).nullish();

export const ApiCall = Envelope.extend({
  detail: z.object({
    eventID: z.string(),
    eventSource: z.string(),
    eventName: z.string(),
    eventTime: z.string().optional(),
    readOnly: z.boolean().default(false),
    errorCode: z.string().optional(),
    userIdentity: z.object({ arn: z.string().optional(), invokedBy: z.string().optional() }).default({}),
    requestParameters: Loose,
    responseElements: Loose,
    resources: z.array(z.object({ ARN: z.string().optional() })).nullish(),
  }),
});
export type ApiCall = z.infer<typeof ApiCall>;

/** The incident whose action made a call: Recover names its sessions by it. */
export function incidentOf(principal: string | undefined): string | undefined {
  if (!principal?.includes(':assumed-role/')) return undefined;
  return IncidentId.safeParse(principal.split('/').at(-1)).data;
}

/** A write to AWS, as CloudTrail tells it: minutes late, but it says who. */
export const feed = defineFeed({
  name: 'api-call',
  detailType: 'AWS API Call via CloudTrail',
  event: ApiCall,
  async read(event, look) {
    const { eventID, eventTime, readOnly, errorCode, userIdentity } = event.detail;
    if (readOnly || errorCode) return []; // it changed nothing
    const by = userIdentity.arn ?? userIdentity.invokedBy;
    const incidentId = incidentOf(userIdentity.arn);
    const told = {
      at: instant(eventTime ?? event.time),
      ...(by ? { by } : {}),
      ...(incidentId ? { incidentId } : {}),
    };
    return (await readCall(event, look)).map((change, n) => ({
      eventId: n === 0 ? eventID : `${eventID}#${n}`,
      ...told,
      ...change,
    }));
  },
});
