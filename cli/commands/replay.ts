import { existsSync, readFileSync } from 'node:fs';
import { conclude } from '../../functions/diagnose/conclude.ts';
import { planFrom } from '../../functions/decide/plan-from.ts';
import { canonicalJson } from '../../layers/core/audit.ts';
import { shortName } from '../../layers/core/arn.ts';
import { IncidentId } from '../../layers/core/incident.ts';
import { onlyArgument, UsageError, type Command, type Invocation } from '../command.ts';
import { IncidentRecord, readRecord } from '../record.ts';
import { incidentArgument } from './explain.ts';

async function recordOf(invocation: Invocation): Promise<IncidentRecord> {
  const name = onlyArgument(invocation, 'a file kept by --record, or an incident id');
  if (!existsSync(name)) {
    if (!IncidentId.safeParse(name).success)
      throw new UsageError(`there is no file ${name}, and that is no incident id either`);
    const incidentId = incidentArgument(invocation);
    await invocation.account();
    return readRecord(incidentId);
  }
  const parsed = IncidentRecord.safeParse(readJson(name));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${name} is no record of an incident: ${issue?.path.join('.')}: ${issue?.message}`);
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new UsageError(`${file} is no JSON file: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

export const command: Command = {
  usage: 'replay <file or incident id>',
  summary: 'runs Diagnose and Decide on its evidence again, and compares bit for bit',
  async run(invocation) {
    const { evidence, diagnosis, plans, truth } = await recordOf(invocation);
    const { out } = invocation;
    const again = conclude(evidence);
    const sameDiagnosis = canonicalJson(again) === canonicalJson(diagnosis);
    const remade = plans
      .filter(({ inputs }) => inputs.evidenceTakenAt === evidence.takenAt)
      .map(({ attempt, inputs, plan }) => {
        const made = planFrom(again, evidence, inputs);
        return { attempt, plan: made, same: canonicalJson(made) === canonicalJson(plan) };
      });

    out.line(
      `Evidence of ${evidence.incidentId}, taken ${evidence.takenAt}${sameDiagnosis ? '' : ': THE DIAGNOSIS IS ANOTHER THAN THEN'}`,
    );
    for (const { resource, fault, confidence, because } of again.hypotheses) {
      out.line(`  ${(confidence * 100).toFixed(0).padStart(3)} %  ${fault} of ${shortName(resource)}`);
      for (const sentence of because) out.line(`         ${sentence}`);
    }
    for (const { attempt, plan, same } of remade) {
      out.line(`Plan for attempt ${attempt}${same ? '' : ': ANOTHER THAN THEN'}`);
      for (const { action, success, expectedSeconds } of plan.candidates)
        out.line(`  ${(success * 100).toFixed(0).padStart(3)} %  ${action}, known after ${expectedSeconds} s`);
      for (const { action, why } of plan.rejected) out.line(`  not ${action}: ${why}`);
    }
    if (truth !== undefined) out.line(`Truth: ${JSON.stringify(truth)}`);
    const same = sameDiagnosis && remade.every((plan) => plan.same);
    if (same) out.line(remade.length === 0 ? 'The same diagnosis as then.' : 'The same diagnosis and plan as then.');
    if (!same) invocation.fail('Diagnose or Decide concludes something else from the same evidence than it did then');
    return { same, diagnosis: again, plans: remade, truth };
  },
};
