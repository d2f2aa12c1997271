import { shortName } from '../../layers/core/arn.ts';
import type { Mutation } from '../../layers/core/mutation.ts';
import type { Candidate } from '../../layers/core/plan.ts';
import type { Suggestion } from '../../layers/core/suggestion.ts';
import { addSeconds, minutes } from '../../layers/core/units.ts';
import { publish } from '../../layers/runtime/notify.ts';
import { actionNamed } from '../recover/catalogue.ts';
import { describeMutation, intentOf } from './intent.ts';
import { candidateKey } from './plan.ts';
import { suppress, type Answer, type Situation } from './situation.ts';

/** A suggestion so recent still stands. */
const STANDS = minutes(30);

/** The incident of the same resource in which the same was suggested a short while ago. */
async function suggestedBefore({ incident, context: { kb }, now }: Situation, candidate: Candidate) {
  const recent = (await kb.incidents.byResource(incident.resource, 3)).filter(
    ({ incidentId, toldAt }) =>
      incidentId !== incident.incidentId && toldAt !== undefined && toldAt > addSeconds(now, -STANDS),
  );
  for (const { incidentId } of recent) {
    const [suggested] = (await kb.incidents.plan(incidentId))?.candidates ?? [];
    if (suggested && candidateKey(suggested) === candidateKey(candidate)) return incidentId;
  }
  return undefined;
}

/** For the report that judges suggestions by what happened next. */
function suggestionOf(
  { incident, now }: Situation,
  { action: name, fault, risk, resource }: Candidate,
  mutations: readonly Mutation[],
): Suggestion {
  const { undo, afterwards, disruption, settles } = actionNamed(name);
  return {
    incidentId: incident.incidentId,
    at: now,
    resource,
    fault,
    action: name,
    risk,
    mutations: [...mutations],
    undo: undo !== undefined || afterwards.kind === 'nothing',
    disruption,
    settlesAtMost: settles.atMost,
  };
}

/** Mode suggest: says, once, what would have been done, and does nothing. */
export async function suggest(
  situation: Situation,
  candidate: Candidate,
  rejected: readonly string[],
): Promise<Answer> {
  const { incident, context, resource, diagnosis, now } = situation;
  const { mutations, reasonsNot } = await intentOf(candidate);
  const before = await suggestedBefore(situation, candidate);
  const would = [
    ...(before ? [`the owner was told before, in incident ${before}`] : []),
    `in mode ${resource.mode} nothing is changed; ${candidate.action} would have been run`,
    ...mutations.map((mutation) => `it would have changed ${describeMutation(mutation)}`),
    ...reasonsNot.map((reason) => `it would have had to wait: ${reason}`),
    ...candidate.because,
    ...rejected,
  ];
  if (incident.toldAt === undefined && before === undefined) {
    const { resource: arn } = incident;
    const told = {
      kind: 'suggestion',
      incidentId: incident.incidentId,
      resource: arn,
      since: incident.onset,
      diagnosis: diagnosis.hypotheses.slice(0, 3),
      action: candidate.action,
      params: candidate.params,
      risk: candidate.risk,
      mutations,
      reasonsNot,
    };
    await publish(
      `Prunella would run ${candidate.action} on ${shortName(arn)}`,
      [
        `${shortName(arn)} is in trouble since ${incident.onset}, and its mode is ${resource.mode}.`,
        ...would.map((line) => `- ${line}`),
        '',
        `To let it act: tag the resource prunella:mode=heal. The way of it: npx prunella explain ${incident.incidentId}`,
        '',
        JSON.stringify(told),
      ].join('\n'),
    );
    await context.kb.incidents.update(incident.incidentId, { toldAt: now });
  }
  const answer = await suppress(situation, 'suggest', would);
  // The same trouble told again is not another suggestion.
  return before ? answer : { ...answer, saw: { suggested: suggestionOf(situation, candidate, mutations) } };
}
