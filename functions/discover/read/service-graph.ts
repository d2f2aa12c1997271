import { GetServiceGraphCommand, type Service } from '@aws-sdk/client-xray';
import type { Aws } from '../../../layers/core/aws.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import { addSeconds, hours, type Instant } from '../../../layers/core/units.ts';
import type { ServiceGraph, TracedEdge, TracedNode } from '../facts.ts';

/** A time frame, from its first instant up to, but without, its last. */
export interface TimeFrame {
  readonly from: Instant;
  readonly to: Instant;
}

/** X-Ray answers for six hours at most. */
const LONGEST = hours(6);
/** A graph of more pages is read in part: X-Ray does not say how many nodes it puts on one. */
const PAGES_AT_MOST = 20;

/**
 * The time since X-Ray was last asked. It bills each trace that it looks through (a tenth of what recording it costs), so that
 * no trace is looked through twice, however often discovery runs.
 * @returns undefined where no time has passed since then
 */
export function frameSinceAsked(before: readonly Pick<Resource, 'traced'>[], now: Instant): TimeFrame | undefined {
  const asked = before.flatMap(({ traced }) => traced?.until ?? []);
  const from = [addSeconds(now, -LONGEST), ...asked].sort().at(-1)!;
  return from < now ? { from, to: now } : undefined;
}

/** X-Ray's graph, or why it is not known: the other sources of dependencies tell without it. */
export async function readServiceGraph(
  aws: Aws,
  { from, to }: TimeFrame,
): Promise<{ readonly serviceGraph?: ServiceGraph; readonly gaps: readonly string[] }> {
  try {
    const { services, isWhole } = await readServices(aws, { StartTime: new Date(from), EndTime: new Date(to) });
    const gaps = isWhole ? [] : [`only ${PAGES_AT_MOST} pages of X-Ray's service graph were read`];
    return { serviceGraph: { edges: edgesOf(services), until: to }, gaps };
  } catch (error) {
    return { gaps: [`X-Ray's service graph could not be read: ${String(error)}`] };
  }
}

async function readServices(aws: Aws, frame: { readonly StartTime: Date; readonly EndTime: Date }) {
  const services: Service[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const answer = await aws.xray.send(new GetServiceGraphCommand({ ...frame, ...(NextToken ? { NextToken } : {}) }));
    services.push(...(answer.Services ?? []));
    NextToken = answer.NextToken || undefined;
    if (!NextToken) return { services, isWhole: true };
  }
  return { services, isWhole: false };
}

/** Pure: who calls or reads whom. An edge may lead to a node of another page. */
export function edgesOf(services: readonly Service[]): TracedEdge[] {
  const nodes = new Map(services.map((service) => [service.ReferenceId, nodeOf(service)]));
  return services.flatMap(({ ReferenceId, Edges = [] }) =>
    Edges.flatMap(({ ReferenceId: other, EdgeType, SummaryStatistics }) => {
      const [source, target] = [nodes.get(ReferenceId), nodes.get(other)];
      if (!source || !target) return [];
      // Not all that was seen has come to an end and is counted.
      const count = Math.max(1, SummaryStatistics?.TotalCount ?? 1);
      return [isRead(source, EdgeType) ? { from: target, to: source, count } : { from: source, to: target, count }];
    }),
  );
}

/** X-Ray's edges go where requests go; what takes messages off a queue depends on the queue. */
const isRead = ({ type }: TracedNode, edgeType: string | undefined): boolean =>
  edgeType === 'link' || type.startsWith('AWS::SQS');

function nodeOf({ Name, Names = [], Type = '', AccountId }: Service): TracedNode {
  const names = [...new Set([...(Name ? [Name] : []), ...Names])];
  return { names, type: Type, ...(AccountId ? { account: AccountId } : {}) };
}
