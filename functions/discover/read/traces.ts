import { ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../../layers/core/aws.ts';
import type { TracedCall } from '../facts.ts';

/** Each page lists 500 metrics. An account with more than ten thousand is listed in part: its other sources still tell. */
const PAGES_AT_MOST = 20;

/**
 * Calls that CloudWatch Application Signals has measured: it publishes the latency of each with the dimensions `Service` and
 * `RemoteService`. [] where it is not switched on: one call. Or why they are not known: the other sources of dependencies
 * tell without it.
 */
export async function readTraces(
  aws: Aws,
): Promise<{ readonly traces?: readonly TracedCall[]; readonly gaps: readonly string[] }> {
  try {
    const { traces, isWhole } = await readCalls(aws);
    return { traces, gaps: isWhole ? [] : [`only ${PAGES_AT_MOST} pages of Application Signals' calls were read`] };
  } catch (error) {
    return { gaps: [`the calls that Application Signals measured could not be read: ${String(error)}`] };
  }
}

async function readCalls(aws: Aws) {
  const calls = new Map<string, TracedCall>();
  let NextToken: string | undefined;
  for (let page = 0; page < PAGES_AT_MOST; page += 1) {
    const answer = await aws.cloudwatch.send(
      new ListMetricsCommand({
        Namespace: 'ApplicationSignals',
        MetricName: 'Latency',
        Dimensions: [{ Name: 'RemoteService' }],
        ...(NextToken ? { NextToken } : {}),
      }),
    );
    for (const { Dimensions = [] } of answer.Metrics ?? []) {
      const named = Object.fromEntries(Dimensions.map(({ Name = '', Value = '' }) => [Name, Value]));
      const { Service: service, RemoteService: remote, Environment: environment = '' } = named;
      if (service && remote) calls.set(`${environment} ${service} ${remote}`, { service, remote, environment });
    }
    NextToken = answer.NextToken || undefined;
    if (!NextToken) return { traces: [...calls.values()], isWhole: true };
  }
  return { traces: [...calls.values()], isWhole: false };
}
