import type { Arn } from '../../../layers/core/arn.ts';
import type { Milliseconds } from '../../../layers/core/units.ts';
import { uuid } from '../chance.ts';
import type { Fleet } from './fleet.ts';

/** An issue of AWS's own. Times are epoch milliseconds. */
export interface Issue {
  readonly eventArn: Arn;
  /** As AWS Health names it: `ECS`, `LAMBDA`, … */
  readonly service: string;
  readonly code: string;
  readonly said: string;
  readonly from: Milliseconds;
  /** What it names; nothing where it is of the service as a whole. */
  readonly affected: readonly Arn[];
}

/** @param about `affected` is empty where AWS speaks of the service as a whole */
export function issueOf(fleet: Fleet, { service, ...about }: Omit<Issue, 'eventArn' | 'code'>): Issue {
  const code = `AWS_${service}_OPERATIONAL_ISSUE`;
  const { region } = fleet.spec;
  const eventArn = `arn:aws:health:${region}::event/${service}/${code}/${code}_${uuid(fleet.random).slice(0, 8)}`;
  return { ...about, service, code, eventArn };
}

/** `AWS Health Event`: told now, with what AWS has found out by now. @param to when it was over, if it is */
export function tellIssue(fleet: Fleet, issue: Issue, to?: Milliseconds): void {
  const { eventArn, service, code, said, from, affected } = issue;
  const text = (at: Milliseconds) => new Date(at).toUTCString();
  const status = to === undefined ? 'IMPAIRED' : 'RESOLVED';
  fleet.news.tell(fleet.now, {
    source: 'aws.health',
    detailType: 'AWS Health Event',
    detail: {
      eventArn,
      service,
      eventTypeCode: code,
      eventTypeCategory: 'issue',
      statusCode: to === undefined ? 'open' : 'closed',
      eventRegion: fleet.spec.region,
      startTime: text(from),
      ...(to === undefined ? {} : { endTime: text(to) }),
      lastUpdatedTime: text(fleet.now),
      eventDescription: [{ language: 'en_US', latestDescription: said }],
      affectedEntities: affected.map((arn) => ({ entityValue: arn, status })),
      page: '1',
      totalPages: '1',
      affectedAccount: fleet.spec.account,
    },
    resources: affected,
  });
}
