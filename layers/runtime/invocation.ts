import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { MetricUnit, Metrics } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { redact, redactDeep } from '../core/redact.ts';
import { addSeconds } from '../core/units.ts';
import type { Instant } from '../core/units.ts';
import { runtime } from './runtime.ts';

export { MetricUnit };

/** What a function is given besides its input. */
export interface LambdaContext {
  readonly now: () => Instant;
  /** Messages are static text; what varies goes into fields. */
  readonly log: Logger;
  /** Written as EMF when the function ends. An incident's id is metadata, never a dimension. */
  readonly metrics: Metrics;
  /** When this invocation is killed at the latest: what a lease records as `busyUntil`. */
  readonly deadline: Instant;
  /** Says which incident the following lines are about. */
  about(incidentId: string): void;
}

export type Handler<Output> = (event: unknown, context: Context) => Promise<Output>;

const NAMESPACE = 'Prunella';

/**
 * A metric costs 30 cents a month, by the hours in which it has points, and a job that runs each minute counts nothing most of the
 * time: what is zero is left to the log line. Alarms and graphs take silence for it.
 */
class Counts extends Metrics {
  override addMetric(...[name, unit, value, resolution]: Parameters<Metrics['addMetric']>): this {
    return value === 0 ? this : super.addMetric(name, unit, value, resolution);
  }
}

/**
 * A function that runs out of time is killed, not answered for: what it was doing when it was answered for would go on
 * with the next invocation of the same process, changing what by then is another's to change.
 */
const NEVER_EARLY = 0;

/**
 * A Lambda function: input parsed with the schema, one log line an invocation with function, incident and trace id,
 * metrics flushed also when it fails.
 * @param name the function's folder, e.g. `verify`
 * @throws Error saying what is wrong with the input, when the schema refuses it
 */
export function lambda<Input, Output>(
  name: string,
  schema: z.ZodType<Input>,
  fn: (input: Input, context: LambdaContext) => Promise<Output>,
): Handler<Output> {
  const log = new Logger({ serviceName: name, jsonReplacerFn: redacted });
  const metrics = new Counts({ namespace: NAMESPACE, serviceName: name, logger: errorsOnly(log) });
  const run = async (event: unknown, context: Context): Promise<Output> => {
    const started = performance.now();
    const about = (incidentId: string): void => {
      log.appendKeys({ incidentId });
      metrics.addMetadata('incidentId', redact(incidentId));
    };
    const { now } = runtime();
    const deadline = addSeconds(now(), context.getRemainingTimeInMillis() / 1000);
    try {
      const output = await fn(parseInput(name, schema, event, about), { now, log, metrics, deadline, about });
      log.info('done', { durationMs: Math.round(performance.now() - started) });
      return output;
    } catch (error) {
      metrics.addMetric('Failed', MetricUnit.Count, 1);
      log.error('failed', { error: error as Error, durationMs: Math.round(performance.now() - started) });
      throw withoutSecrets(error);
    }
  };
  const handler = middy(run, { timeoutEarlyInMillis: NEVER_EARLY });
  handler.use(injectLambdaContext(log, { resetKeys: true })).use(logMetrics(metrics));
  return (event, context) => handler(event, context) as Promise<Output>;
}

/** That a step has counted nothing is no news: Powertools would warn of it at every one. */
const errorsOnly = (log: Logger) => ({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message: string) => log.error(message),
});
/** No line holds what looks like a secret, whatever was logged. */
const redacted = (key: string, value: unknown): unknown => (typeof value === 'string' ? redactDeep(value, key) : value);

/** What is thrown is kept by Lambda's log and by the execution's history, which nobody can rewrite. */
function withoutSecrets(error: unknown): unknown {
  if (!(error instanceof Error)) return typeof error === 'string' ? redact(error) : error;
  const told = [error.message, error.stack ?? '', causeOf(error)];
  const clean = told.map(redact);
  if (told.every((text, index) => text === clean[index])) return error;
  return Object.assign(new Error(clean[0]), { name: error.name, stack: clean[1] });
}

const causeOf = ({ cause }: Error): string =>
  cause instanceof Error ? `${cause.message} ${causeOf(cause)}` : String(cause ?? '');

const Incidental = z.object({ incidentId: z.string() });

function parseInput<Input>(name: string, schema: z.ZodType<Input>, event: unknown, about: (id: string) => void): Input {
  const incidental = Incidental.safeParse(event);
  if (incidental.success) about(incidental.data.incidentId);
  const parsed = schema.safeParse(event);
  if (parsed.success) return parsed.data;
  throw new Error(`${name} cannot read its input: ${z.prettifyError(parsed.error)}`, { cause: parsed.error });
}
