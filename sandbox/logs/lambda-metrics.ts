import type { MetricPoint } from '../contract.ts';
import type { TailedLine } from './log-tail.ts';

/** One invocation, as its log stream shows it. `version` is the one that ran: a number or `$LATEST`. */
export interface Invocation {
  readonly version: string;
  readonly failed: boolean;
  /** Milliseconds. */
  readonly duration: number;
  readonly time: Date;
}

const START = /^START RequestId: (\S+) Version: (\S+)/;
const REPORT = /^REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms/;

/**
 * The invocations in lines of a function's log group. The emulator writes the lines of an invocation together, into a
 * stream of its own: START, what the function wrote, for a failed one the error, END, REPORT. Every invocation is there,
 * also those by state machines, queues and rules, which the emulator's own metrics leave out.
 *
 * What cannot be told from success: a thrown value that is no Error, a failure to initialise of a function's first version
 * or of `$LATEST` after an update. They leave no line.
 *
 * @param spoke versions of the function that have written anything yet; added to. A worker of the emulator warns of a
 *   deprecation when it comes up. So an invocation without a line, of a version that never wrote one, of a function whose
 *   other versions do, failed to initialise.
 */
export function invocationsIn(lines: readonly TailedLine[], spoke: Set<string>): readonly Invocation[] {
  const invocations: Invocation[] = [];
  for (const stream of Map.groupBy(lines, (line) => line.stream).values()) {
    let version = '';
    let written: string[] = [];
    for (const { text, time } of stream) {
      const start = START.exec(text);
      const report = REPORT.exec(text);
      if (start) {
        version = start[2]!;
        written = [];
      } else if (report && version !== '') {
        if (written.length > 0) spoke.add(version);
        const failed = endsInError(written) || (written.length === 0 && spoke.size > 0 && !spoke.has(version));
        invocations.push({ version, failed, duration: Number(report[2]), time });
        version = '';
      } else if (!text.startsWith('END RequestId: ')) written.push(text);
    }
  }
  return invocations;
}

const EMULATOR_ERRORS =
  /^(Task timed out after [\d.]+ seconds|Worker process died|Worker returned no response|No JSON response from worker after \d+ lines)$/;

/** The error of a failed invocation is what stands last: a stack trace, or the emulator's word for what happened. */
function endsInError(written: readonly string[]): boolean {
  const last = written.at(-1) ?? '';
  return EMULATOR_ERRORS.test(last) || /^\s+at \S/.test(last);
}

/**
 * The metrics of AWS/Lambda for one invocation: by function, by version or alias (`Resource`), and for an alias also by
 * the version that ran.
 *
 * @param aliases names of aliases that pointed at the version; empty for an invocation by version or unqualified
 */
export function pointsOf(
  functionName: string,
  invocation: Invocation,
  aliases: readonly string[],
): readonly MetricPoint[] {
  const { version, time: timestamp } = invocation;
  const own = version === '$LATEST' ? functionName : `${functionName}:${version}`;
  const dimensionSets = [
    { FunctionName: functionName },
    ...(aliases.length === 0 ? [{ FunctionName: functionName, Resource: own }] : []),
    ...aliases.flatMap((alias) => {
      const Resource = `${functionName}:${alias}`;
      return [
        { FunctionName: functionName, Resource },
        { FunctionName: functionName, Resource, ExecutedVersion: version },
      ];
    }),
  ];
  const values = [
    ['Invocations', 1, 'Count'],
    ['Errors', invocation.failed ? 1 : 0, 'Count'],
    ['Throttles', 0, 'Count'],
    ['Duration', invocation.duration, 'Milliseconds'],
  ] as const;
  return dimensionSets.flatMap((dimensions) =>
    values.map(([metricName, value, unit]) => ({
      namespace: 'AWS/Lambda',
      metricName,
      dimensions,
      value,
      unit,
      timestamp,
    })),
  );
}
