import type { FilterLogEventsCommandInput } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, paged, type Answers } from './answering.ts';

export const answers: Answers = {
  FilterLogEvents(input: FilterLogEventsCommandInput, { fleet }) {
    const { logGroupName = '', startTime = 0, endTime = Infinity, limit = 10_000, nextToken, filterPattern } = input;
    if (filterPattern) throw new Error(`the model of FilterLogEvents lacks filterPattern, got ${filterPattern}`);
    const lines = fleet.logs.groups.get(logGroupName);
    if (!lines) throw new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
    const wanted = lines.filter(({ at }) => at >= startTime && at <= Math.min(endTime, fleet.now));
    const { items, next } = paged(
      wanted.sort((a, b) => a.at - b.at),
      nextToken,
      limit,
      'nextToken',
    );
    return {
      events: items.map(({ at, stream, text }) => ({
        timestamp: at,
        logStreamName: stream,
        message: text,
        ingestionTime: at,
      })),
      searchedLogStreams: [],
      ...next,
    };
  },
};
