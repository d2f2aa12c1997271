import { readdir, readFile } from 'node:fs/promises';
import { InvokeCommand, LambdaClient, paginateListFunctions } from '@aws-sdk/client-lambda';
import type { Milliseconds } from '../../layers/core/units.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** Ends the processes that the emulator keeps warm for Lambda functions: the next invocation of each starts a new one. */
export async function endWorkers({ stateDir }: Pick<Sandbox, 'stateDir'>): Promise<void> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(stateDir) && command.includes('_worker.js')) process.kill(Number(pid), 'SIGKILL');
  }
}

/** How long the function with the largest bundle takes to answer an event of the schedule, when a process has to start and when not. */
export interface ColdStart {
  readonly functionName: string;
  /** The zipped bundle. */
  readonly bytes: number;
  /** Medians, from call to answer. */
  readonly coldMs: Milliseconds;
  readonly warmMs: Milliseconds;
}

const RUNS = 7;

export async function coldStart(sandbox: Pick<Sandbox, 'stateDir' | 'endpoint'>): Promise<ColdStart> {
  const lambda = new LambdaClient({ endpoint: sandbox.endpoint });
  try {
    const { functionName, bytes } = await largest(lambda);
    const times = { cold: [] as number[], warm: [] as number[] };
    for (let run = 0; run < RUNS; run += 1) {
      await endWorkers(sandbox);
      times.cold.push(await timed(lambda, functionName));
      times.warm.push(await timed(lambda, functionName));
    }
    return { functionName, bytes, coldMs: median(times.cold), warmMs: median(times.warm) };
  } finally {
    lambda.destroy();
  }
}

async function largest(client: LambdaClient): Promise<{ functionName: string; bytes: number }> {
  let found = { functionName: '', bytes: 0 };
  for await (const { Functions = [] } of paginateListFunctions({ client }, {}))
    for (const { FunctionName = '', CodeSize = 0, Handler } of Functions)
      if (Handler === 'handler.handler' && CodeSize > found.bytes)
        found = { functionName: FunctionName, bytes: CodeSize };
  return found;
}

async function timed(lambda: LambdaClient, FunctionName: string): Promise<Milliseconds> {
  const began = performance.now();
  const Payload = JSON.stringify({ 'detail-type': 'Scheduled Event' });
  const { FunctionError, Payload: answer } = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
  const text = answer === undefined ? '' : Buffer.from(answer).toString();
  // A step has no schedule, and says so as soon as it has started.
  if (FunctionError && !text.includes('cannot read its input'))
    throw new Error(`${FunctionName} should have answered its schedule, got ${FunctionError}: ${text}`);
  return performance.now() - began;
}

const median = (values: readonly number[]): number =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);
