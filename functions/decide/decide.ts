import { describeChange } from '../../layers/core/other-writer.ts';
import type { Policy } from '../../layers/core/policy.ts';
import type { StepInput } from '../../layers/core/step.ts';
import { addSeconds, hours, minutes, secondsBetween, type Seconds } from '../../layers/core/units.ts';
import type { StepContext } from '../../layers/runtime/step.ts';
import { sayFlapping } from '../detect/flapping.ts';
import { choose } from './choose.ts';
import { folded } from './folded.ts';
import { nothingToDo } from './nothing-to-do.ts';
import { tellOnce } from './tell-once.ts';
import {
  changedByOthers,
  escalate,
  hasBegun,
  isOver,
  readSituation,
  suppress,
  type Answer,
  type Situation,
} from './situation.ts';
import { improving, wellAgain } from './well-again.ts';

/** Asks every limit in turn whether, and how, to go on. The first that has an answer gives it. */
export async function decide(input: StepInput, context: StepContext, policy: Policy): Promise<Answer> {
  const situation = await readSituation(input, context, policy);
  if (!situation)
    return suppress({ incident: context.incident, context }, 'observe', [
      `${context.incident.resource} is no longer in the inventory: nobody asks for it to be healed any more`,
    ]);
  const checks = [resume, folded, flaps, otherWriter, recovering, perhapsOver, lever, attemptsLeft];
  for (const check of checks) {
    const answer = await check(situation);
    if (answer) return answer;
  }
  return choose(situation);
}

/**
 * An attempt whose function was killed while it changed something goes on where it stopped; one that came to its end
 * while its answer was lost is looked at.
 */
async function resume({ attempts, input }: Situation): Promise<Answer | undefined> {
  const unfinished = attempts.find((attempt) => hasBegun(attempt) && !isOver(attempt));
  if (!unfinished) return undefined;
  if (unfinished.appliedAt !== undefined)
    return {
      verdict: 'verify',
      attempt: unfinished.attempt,
      looks: 0,
      waitSeconds: 0,
      why: [`attempt ${unfinished.attempt} was carried out at ${unfinished.appliedAt} and not looked at yet`],
    };
  return {
    verdict: 'act',
    attempt: unfinished.attempt,
    looks: input.looks,
    why: [`attempt ${unfinished.attempt} was begun and not finished: it goes on`],
  };
}

/** Trouble that comes and goes by itself is told of once, and nothing is changed while it is away. */
async function flaps(situation: Situation): Promise<Answer | undefined> {
  const { attempts, evidence, policy, incident } = situation;
  const { flapping } = incident;
  if (!flapping || flapping.toldIn || attempts.some(hasBegun)) return undefined;
  const away = flapping.away ? 'it is well now' : wellAgain(evidence, policy);
  if (!away) return undefined;
  return escalate(situation, 'no-candidate', [
    sayFlapping(flapping, policy),
    `${away}: nothing is changed because of what is over`,
  ]);
}

async function otherWriter(situation: Situation): Promise<Answer | undefined> {
  const changes = await changedByOthers(situation);
  if (changes.length === 0) return undefined;
  const well = await recovering(situation);
  if (well) return well;
  return escalate(situation, 'other-writer', [
    'someone else changed it since the onset, so that nothing more is done to it',
    ...changes.map(describeChange),
  ]);
}

async function recovering({ attempts, evidence, policy }: Situation): Promise<Answer | undefined> {
  if (attempts.some(hasBegun)) return undefined;
  const why = wellAgain(evidence, policy);
  return why ? { verdict: 'verify', why: [why], attempt: 0, looks: 0, waitSeconds: 0 } : undefined;
}

/** So long after it opened, an incident that is now good and now bad is acted on. */
const PATIENCE = minutes(10);
const LOOK_AGAIN: Seconds = 20;

/** What is getting well by itself is not disturbed: a blip that is over would only be followed by a restart. */
async function perhapsOver({ attempts, evidence, policy, incident, now }: Situation): Promise<Answer | undefined> {
  if (attempts.some(hasBegun) || now > addSeconds(incident.openedAt, PATIENCE)) return undefined;
  const why = improving(evidence, policy);
  if (!why) return undefined;
  return secondsBetween(evidence.takenAt, now) < LOOK_AGAIN
    ? { verdict: 'wait', why: [why], waitSeconds: LOOK_AGAIN }
    : { verdict: 'diagnose', why: [why, 'the evidence is collected anew'] };
}

async function lever(situation: Situation): Promise<Answer | undefined> {
  const { resource, context } = situation;
  if (resource.mode === 'observe') return suppress(situation, 'observe', ['its mode is observe']);
  if (resource.mode === 'suggest') return undefined;
  if ((await context.kb.control.lever('healing')) === 'disengaged') return undefined;
  return suppress(situation, 'lever', ['the healing lever is engaged, or was never set']);
}

async function attemptsLeft(situation: Situation): Promise<Answer | undefined> {
  const { attempts, policy, context, resource, now } = situation;
  const begun = attempts.filter(hasBegun).length;
  if (begun >= policy.maxAttempts)
    return tellOnce(situation, 'exhausted', [
      `${begun} attempts were made, ${policy.maxAttempts} are allowed in one incident`,
    ]);
  if (resource.mode === 'suggest') return undefined;
  const { attempts: spent } = await context.kb.control.budget(resource.arn, policy, now);
  if (spent < policy.attemptBudget) return undefined;
  return nothingToDo(situation, [
    `${resource.arn} had ${spent} attempts in ${policy.budgetWindow / hours(1)} h, ${policy.attemptBudget} are allowed`,
  ]);
}
