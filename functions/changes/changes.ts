import * as z from 'zod';
import { Envelope } from '../../layers/core/event.ts';
import { HealthEvent, noticeOf } from '../../layers/core/health-notice.ts';
import { type Feed, type Look } from './feed.ts';
import { feed as apiCall } from './feeds/api-call.ts';
import { feed as ecsDeployment } from './feeds/ecs-deployment.ts';
import { feed as ecsServiceAction } from './feeds/ecs-service-action.ts';
import { feed as ecsTask } from './feeds/ecs-task.ts';
import { feed as parameter } from './feeds/parameter.ts';
import { recordNotice, recordOnce, type Recorded, type RecordPorts } from './record.ts';

/** Every kind of change event that is understood. A test compares it with the folder. */
export const FEEDS: readonly Feed[] = [apiCall, ecsDeployment, ecsServiceAction, ecsTask, parameter];

export interface Message {
  readonly messageId: string;
  readonly body: string;
}

export type Outcome = { readonly messageId: string } & (
  { readonly ok: true; readonly recorded: readonly Recorded[] } | { readonly ok: false; readonly why: string }
);

/** Records the changes a batch of events tells of. Never rejects: a message that failed is delivered again. */
export async function takeBatch(messages: readonly Message[], ports: RecordPorts, look: Look): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  // One after the other: two reports of one change often come in one batch, and the second must find the first.
  for (const { messageId, body } of messages) {
    try {
      outcomes.push({ messageId, ok: true, recorded: await take(JSON.parse(body), ports, look) });
    } catch (error) {
      outcomes.push({ messageId, ok: false, why: explain(error) });
    }
  }
  return outcomes;
}

async function take(event: unknown, ports: RecordPorts, look: Look): Promise<Recorded[]> {
  const detailType = Envelope.parse(event)['detail-type'];
  if (detailType === 'AWS Health Event') return [await recordNotice(noticeOf(HealthEvent.parse(event)), ports)];
  const feed = FEEDS.find((one) => one.detailType === detailType);
  if (!feed) throw new Error(`no feed reads events with detail-type ${detailType}`);
  const recorded: Recorded[] = [];
  for (const change of await feed.read(event, look)) recorded.push(await recordOnce(change, ports));
  return recorded;
}

const explain = (error: unknown): string =>
  error instanceof z.ZodError ? z.prettifyError(error).replaceAll('\n', ' ') : String(error);
