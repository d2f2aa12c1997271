import { setTimeout } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { ulid } from 'ulid';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import { GENESIS, findBreak } from '../../layers/core/audit.ts';
import type { StepInput } from '../../layers/core/step.ts';
import { audit } from '../../layers/runtime/kb/index.ts';
import { MetricUnit, lambda, step } from '../../layers/runtime/lambda.ts';
import { withRuntime } from '../../layers/runtime/runtime.ts';
import { freshTables } from './tables.ts';
import { START, after, anIncident } from './samples.ts';

beforeAll(freshTables);

/** What a Lambda function is given besides its event. */
const context = { awsRequestId: 'request-1', functionName: 'fn', getRemainingTimeInMillis: () => 30_000 } as Context;

/** Lines a function wrote: Powertools writes through a console of its own, to these two streams. */
let lines: Record<string, unknown>[];

beforeEach(() => {
  lines = [];
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'fn');
  const keep = (chunk: string | Uint8Array): boolean => {
    for (const line of String(chunk).split('\n').filter(Boolean))
      lines.push(JSON.parse(line) as Record<string, unknown>);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});

afterEach(() => vi.unstubAllEnvs());

const inputOf = (incidentId: string, changes: Partial<StepInput> = {}): StepInput => ({
  schema: 1,
  incidentId,
  step: 3,
  attempt: 1,
  looks: 0,
  verdict: 'applied',
  because: 'kept from before',
  waitSeconds: 7,
  failure: '',
  auditHead: GENESIS,
  ...changes,
});

describe('step', () => {
  test('answers the next input, and writes down what was seen and decided, redacted', async () => {
    const { incidentId, resource } = await anIncident();
    const verify = step('Verify', async (_, { incident }) => ({
      verdict: 'settling',
      why: [`looked at ${incident.resource}`, 'found password=hunter2'],
      waitSeconds: 30,
      looks: 1,
      saw: { apiKey: 'abc', points: [0.5] },
    }));

    const next = await withRuntime({ now: () => START }, () => verify(inputOf(incidentId), context));

    const [entry] = await audit.trail(incidentId);
    expect(next).toEqual(
      inputOf(incidentId, {
        step: 4,
        looks: 1,
        verdict: 'settling',
        because: '',
        waitSeconds: 30,
        auditHead: entry!.hash,
      }),
    );
    expect(entry).toMatchObject({
      eventId: 'Verify#3',
      at: START,
      state: 'Verify',
      attempt: 1,
      verdict: 'settling',
      why: [`looked at ${resource.arn}`, 'found password=[redacted]'],
      saw: { apiKey: '[redacted]', points: [0.5] },
    });
  });

  test('does not run again when it is retried: it answers what was written down', async () => {
    const { incidentId } = await anIncident();
    const run = vi.fn(async () => ({ verdict: 'undone' as const, why: ['undone'] }));
    const rollback = step('Rollback', run);

    const first = await rollback(inputOf(incidentId), context);
    const again = await rollback(inputOf(incidentId), context);
    const nextVisit = await rollback(inputOf(incidentId, { step: 9 }), context);

    expect(again).toEqual(first);
    expect(nextVisit.step).toBe(10);
    expect(run).toHaveBeenCalledTimes(2);
    expect(findBreak(await audit.trail(incidentId))).toBeUndefined();
  });

  test('writes nothing down when it fails, so that its retry runs it', async () => {
    const { incidentId } = await anIncident();
    let calls = 0;
    const close = step('Close', async () => {
      if (++calls === 1) throw new Error('throttled');
      return { verdict: 'closed', why: [] };
    });

    await expect(close(inputOf(incidentId), context)).rejects.toThrow('throttled');
    const retried = await close(inputOf(incidentId), context);

    expect(retried.verdict).toBe('closed');
    expect(await audit.trail(incidentId)).toHaveLength(1);
  });

  test('shortens what it saw when that is more than a reader reads', async () => {
    const { incidentId } = await anIncident();
    const detect = step('Detect', async () => ({ verdict: 'gather', why: [], saw: { lines: 'x'.repeat(20_000) } }));

    await detect(inputOf(incidentId), context);

    const [entry] = await audit.trail(incidentId);
    expect(entry!.saw['shortened']).toBe('the first 8000 of 20012 characters');
  });

  test('says what is wrong with its input, or that there is no such incident', async () => {
    const detect = step('Detect', async () => ({ verdict: 'gather', why: [] }));
    const unknown = ulid();

    await expect(detect({ incidentId: 'INC-1' }, context)).rejects.toThrow(
      /Detect cannot read its input: [^]*supply an incident id/,
    );
    await expect(detect(inputOf(unknown), context)).rejects.toThrow(`there is no incident ${unknown}`);
  });
});

describe('lambda', () => {
  const Input = z.object({ incidentId: z.string().optional(), n: z.number() });

  test('writes one line an invocation, with the incident and nothing of the invocation before', async () => {
    const double = lambda('double', Input, async ({ n }) => 2 * n);

    const answers = [await double({ incidentId: 'one', n: 1 }, context), await double({ n: 2 }, context)];

    const logged = lines.filter((line) => 'message' in line);
    expect(answers).toEqual([2, 4]);
    expect(logged).toHaveLength(2);
    expect(logged[0]).toMatchObject({
      level: 'INFO',
      message: 'done',
      service: 'double',
      incidentId: 'one',
      function_request_id: 'request-1',
    });
    expect(logged[1]).not.toHaveProperty('incidentId');
  });

  test('carries the trace id of active tracing as a field', async () => {
    vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1');
    const double = lambda('double', Input, async ({ n }) => 2 * n);

    await double({ n: 1 }, context);

    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'done', xray_trace_id: '1-5759e988-bd862e3fe1be46a994272793' }),
    );
  });

  test('flushes metrics with the incident as metadata and never as a dimension, also when it fails', async () => {
    const failing = lambda('failing', Input, async (_, { metrics }): Promise<number> => {
      metrics.addMetric('Signals', MetricUnit.Count, 3);
      throw new Error('no');
    });

    await expect(failing({ incidentId: 'one', n: 1 }, context)).rejects.toThrow('no');

    const emf = lines.find((line) => '_aws' in line) as unknown as {
      _aws: { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[] };
      incidentId: string;
    };
    const [directive] = emf._aws.CloudWatchMetrics;
    expect(directive!.Namespace).toBe('Prunella');
    expect(directive!.Dimensions).toEqual([['service']]);
    expect(directive!.Metrics.map(({ Name }) => Name).sort()).toEqual(['Failed', 'Signals']);
    expect(emf.incidentId).toBe('one');
    expect(lines).toContainEqual(expect.objectContaining({ level: 'ERROR', message: 'failed', incidentId: 'one' }));
  });

  test('publishes nothing of what it counted none of, and no metric of its own starts', async () => {
    const idle = lambda('idle', Input, async (_, { metrics }) => {
      metrics.addMetric('Signals', MetricUnit.Count, 0);
      return 1;
    });

    await idle({ n: 1 }, context);

    expect(lines.filter((line) => '_aws' in line)).toEqual([]);
  });

  test('tells a function when it is killed at the latest', async () => {
    const asked = lambda('asked', Input, async (_, { deadline, now }) => [now(), deadline]);

    const answer = await withRuntime({ now: () => START }, () => asked({ n: 1 }, context));

    expect(answer).toEqual([START, after(30)]);
  });

  test('that runs out of time is not answered for while it is still at work', async () => {
    let answered = false;
    const hanging = lambda('hanging', Input, () => new Promise<number>(() => undefined));
    const short = { ...context, getRemainingTimeInMillis: () => 20 } as Context;

    const running = hanging({ n: 1 }, short).finally(() => (answered = true));
    await Promise.race([running, setTimeout(60)]);

    expect(answered).toBe(false);
  });
});
