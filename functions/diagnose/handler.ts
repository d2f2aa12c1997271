import { readerAws } from '../../layers/runtime/aws.ts';
import { config } from '../../layers/runtime/env.ts';
import { converse } from '../../layers/runtime/language-model.ts';
import { step, type StepContext } from '../../layers/runtime/step.ts';
import { collectEvidence } from './collect/evidence.ts';
import { conclude } from './conclude.ts';
import { impactOf } from './impact/impact.ts';
import { recall } from './knowledge/recall.ts';
import { likenessOf } from './knowledge/likeness.ts';
import { askModel, type Asking } from './language/ask.ts';

export const handler = step('Diagnose', async (_input, { incident, kb, now }) => {
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
    openIncident: async (arn: string) => (await kb.control.pointer(arn))?.incidentId,
    changes: kb.knowledge.changes,
  };
  const seen = await collectEvidence(incident, resource, await kb.incidents.signals(incidentId), sources, now());
  const recalled = await recall(seen, { pastIncidents: kb.knowledge.pastIncidents, causes: kb.knowledge.causes });
  const evidence = await askModel(recalled, conclude(recalled), asking(kb, now));
  await kb.incidents.saveEvidence(incidentId, evidence);
  const diagnosis = conclude(evidence);
  const impact = impactOf(evidence, diagnosis.severity);
  await kb.incidents.update(incidentId, { diagnosis, impact, severity: impact.severity, onset: diagnosis.onset });
  const [first] = diagnosis.hypotheses;
  return {
    verdict: 'diagnosed',
    why: [
      `${first?.fault} on ${first?.resource} (confidence ${((first?.confidence ?? 0) * 100).toFixed(0)} %)`,
      ...(first?.because ?? []),
      ...diagnosis.gaps.map((gap) => `not known: ${gap}`),
    ],
    saw: {
      onset: diagnosis.onset,
      severity: impact.severity,
      impact,
      hypotheses: diagnosis.hypotheses.map(({ fault, confidence }) => ({ fault, confidence })),
      ...likenessOf(evidence.known),
      ...(evidence.opinion ? { opinion: evidence.opinion } : {}),
      series: evidence.series.length,
      logTemplates: evidence.logs.length,
      changes: evidence.changes.length,
    },
  };
});

/** Undefined where no language model is switched on. */
function asking(kb: StepContext['kb'], now: StepContext['now']): Asking | undefined {
  const model = config().languageModel;
  return model && { model, converse, mayAsk: () => kb.control.countLanguageCall(now(), model.callsPerDay) };
}
