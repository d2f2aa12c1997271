import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { IncidentRecord } from '../../cli/record.ts';
import { planFrom } from '../../functions/decide/plan-from.ts';
import { diagnose } from '../../functions/diagnose/diagnose.ts';
import { PlanInputs } from '../../layers/core/plan-inputs.ts';
import { ARNS } from '../support/fake-account.ts';
import { situation } from '../support/situations.ts';
import { prunella } from './commandline.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'prunella-replay-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As `npm start -- --record` keeps it: two tasks that crashed soon after their start. */
function record(): IncidentRecord {
  const crash = (n: number) => ({
    resource: ARNS.service,
    task: ARNS.task(n),
    stoppedAt: `2026-11-01T12:0${n}:00.000Z`,
    startedAt: `2026-11-01T12:0${n - 1}:50.000Z`,
    exitCode: 1,
    stopCode: 'EssentialContainerExited',
  });
  const { evidence } = situation('crash-loop', ARNS.service, { stoppedTasks: [crash(1), crash(2), crash(3)] });
  const diagnosis = diagnose(evidence);
  const [resource] = evidence.resources;
  const none = { posteriors: {}, own: {}, tried: [], resting: {}, policy: {} };
  const inputs = PlanInputs.parse({ ...none, evidenceTakenAt: evidence.takenAt, resource });
  return { evidence, diagnosis, plans: [{ attempt: 1, inputs, plan: planFrom(diagnosis, evidence, inputs) }] };
}

function keep(kept: unknown): string {
  const file = join(folder, 'incident.json');
  writeFileSync(file, typeof kept === 'string' ? kept : JSON.stringify(kept));
  return file;
}

describe('replay', () => {
  it('ends with 0 when Diagnose and Decide conclude the same again', async () => {
    const { code, printed, complained } = await prunella(
      'replay',
      keep({ ...record(), truth: { fault: 'crash-loop' } }),
    );

    expect(complained).toBe('');
    expect(code).toBe(0);
    expect(printed).toContain('crash-loop of');
    expect(printed).toContain('Plan for attempt 1\n');
    expect(printed).toContain('Truth: {"fault":"crash-loop"}');
    expect(printed).toContain('The same diagnosis and plan as then.');
  });

  it('ends with 1 and says so when the diagnosis is another than then', async () => {
    const kept = record();
    const hypotheses = kept.diagnosis.hypotheses.map((one) => ({ ...one, because: ['something else'] }));

    const { code, printed, complained } = await prunella(
      'replay',
      keep({ ...kept, diagnosis: { ...kept.diagnosis, hypotheses } }),
    );

    expect(code).toBe(1);
    expect(printed).toContain('THE DIAGNOSIS IS ANOTHER THAN THEN');
    expect(complained).toContain('concludes something else from the same evidence');
  });

  it('ends with 1 and says so when the plan is another than then', async () => {
    const kept = record();
    const plans = kept.plans.map((one) => ({ ...one, plan: { ...one.plan, candidates: [] } }));

    const { code, printed } = await prunella('replay', keep({ ...kept, plans }), '--json');
    const { printed: text } = await prunella('replay', keep({ ...kept, plans }));

    expect(code).toBe(1);
    expect(JSON.parse(printed)).toMatchObject({ same: false, plans: [{ attempt: 1, same: false }] });
    expect(text).toContain('Plan for attempt 1: ANOTHER THAN THEN');
  });

  it.each([
    ['no JSON', 'is no JSON file'],
    [{ evidence: {} }, 'is no record of an incident: evidence'],
  ])('refuses a file that holds %j', async (content, message) => {
    const { code, complained } = await prunella('replay', keep(content));

    expect(code).toBe(1);
    expect(complained).toContain(message);
  });
});
