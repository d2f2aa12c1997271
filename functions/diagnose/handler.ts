import { shortName } from '../../layers/core/arn.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { briefly } from '../../layers/core/impact.ts';
import type { Opinion } from '../../layers/core/language.ts';
import { redact } from '../../layers/core/redact.ts';
import { sayExpected, type Expected } from '../../layers/core/sequence.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { config } from '../../layers/runtime/env.ts';
import { step, type StepContext } from '../../layers/runtime/step.ts';
import { collectEvidence } from './collect/evidence.ts';
import { conclude } from './conclude.ts';
import { impactOf } from './impact/impact.ts';
import { expectedNext, recallOrder } from './knowledge/order.ts';
import { recall } from './knowledge/recall.ts';
import { askOwnModel } from './model/own-model.ts';
import { likenessOf } from './knowledge/likeness.ts';
import { sharing } from './shared/sharing.ts';
import { sayShare, sharedCauseOf } from '../../layers/core/common-cause.ts';
import { percent } from '../../layers/core/units.ts';

export const handler = step('Diagnose', async (_input, context) => {
  const { incident, kb, now } = context;
  const { incidentId } = incident;
  const resource = await kb.knowledge.resource(incident.resource);
  if (!resource)
    throw new Error(
      `${incident.resource} is no longer in the inventory: discover must see it again before it can be diagnosed`,
    );
  const sources = {
    aws: readerAws,
    resource: kb.knowledge.resource,
    dependents: kb.knowledge.dependents,
    topologyVersion: kb.knowledge.topologyVersion,
    incidents: kb.incidents.byResource,
    openIncident: async (arn: string) => (await kb.control.pointer(arn))?.incidentId,
    changes: kb.knowledge.changes,
    healthNotices: kb.knowledge.healthNotices,
  };
  const seen = await collectEvidence(incident, resource, await kb.incidents.signals(incidentId), sources, now());
  const recalled = await recall(seen, { pastIncidents: kb.knowledge.pastIncidents, causes: kb.knowledge.causes });
  const ordered = await recallOrder(recalled, {
    learnedSequences: kb.knowledge.learnedSequences,
    incidents: kb.incidents.byResource,
  });
  const modelled = await askOwnModel(ordered, kb.knowledge.faultModelInUse);
  const shared = await sharing(modelled, incident, kb.control.noteSharer, now());
  const evidence = await askedAbout(shared, context);
  await kb.incidents.saveEvidence(incidentId, evidence);
  const diagnosis = conclude(evidence);
  const impact = impactOf(evidence, diagnosis.severity);
  await kb.incidents.update(incidentId, {
    diagnosis,
    impact,
    severity: impact.severity,
    onset: diagnosis.onset,
    shared: sharedCauseOf(evidence.shared) ?? null,
  });
  const expected = expectedNext(evidence, diagnosis);
  const watched = await watchFor(expected, context);
  const [first] = diagnosis.hypotheses;
  const [root] = diagnosis.roots ?? [];
  return {
    verdict: 'diagnosed',
    why: [
      `${first?.fault} on ${first?.resource} (confidence ${percent(first?.confidence ?? 0)})`,
      ...(first?.because ?? []),
      ...(root
        ? [`most speaks for ${shortName(root.resource)} (${percent(root.share)}): ${root.because.join(' ')}`]
        : []),
      ...(root?.failure ? [`it fails by ${root.failure.mode}: ${root.failure.because}`] : []),
      ...(evidence.shared ?? []).map((share) => sayShare(share, evidence.window.onset)),
      ...expected.map((one) => `to be expected next: ${sayExpected(one)}`),
      ...watched,
      ...diagnosis.gaps.map((gap) => `not known: ${gap}`),
    ],
    saw: {
      onset: diagnosis.onset,
      severity: impact.severity,
      impact: briefly(impact),
      roots: diagnosis.roots?.map(({ resource, share, failure }) => ({
        resource,
        share,
        ...(failure ? { failure: failure.mode } : {}),
      })),
      topology: evidence.topologyVersion,
      hypotheses: diagnosis.hypotheses.map(({ fault, confidence }) => ({ fault, confidence })),
      ...likenessOf(evidence.known),
      ...(expected.length > 0 ? { expected } : {}),
      ...(evidence.modelled ? { model: evidence.modelled.model } : {}),
      ...(evidence.shared ? { shared: evidence.shared } : {}),
      ...(evidence.opinion ? { opinion: saidBy(evidence.opinion) } : {}),
      series: evidence.series.length,
      logTemplates: evidence.logs.length,
      changes: evidence.changes.length,
    },
  };
});

/** What is to be expected is read more often while it can come. What fails here costs a look, and no diagnosis. */
async function watchFor(expected: readonly Expected[], { kb }: StepContext): Promise<string[]> {
  const looks = expected.map(async ({ resource, from, to }): Promise<string[]> => {
    try {
      await kb.knowledge.watchClosely(resource, from, to);
      return [];
    } catch (error) {
      return [`${shortName(resource)} could not be watched more closely for it: ${redact(String(error))}`];
    }
  });
  return (await Promise.all(looks)).flat();
}

/** With a language model's opinion, where one is switched on. */
async function askedAbout(evidence: Evidence, context: StepContext): Promise<Evidence> {
  const model = config().languageModel;
  if (!model) return evidence;
  const { secondOpinion } = await import('./language/second-opinion.ts');
  return secondOpinion(evidence, conclude(evidence), model, context);
}

/** What the trail holds of it: its ranking stands in the reasons. */
const saidBy = ({ model, explanation, dropped, tokens }: Opinion) => ({ model, explanation, dropped, tokens });
