import { shortName } from '../../layers/core/arn.ts';
import { briefly } from '../../layers/core/impact.ts';
import type { Opinion } from '../../layers/core/language.ts';
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

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

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
    topologyVersion: kb.knowledge.topologyVersion,
    incidents: kb.incidents.byResource,
    openIncident: async (arn: string) => (await kb.control.pointer(arn))?.incidentId,
    changes: kb.knowledge.changes,
  };
  const seen = await collectEvidence(incident, resource, await kb.incidents.signals(incidentId), sources, now());
  const recalled = await recall(seen, { pastIncidents: kb.knowledge.pastIncidents, causes: kb.knowledge.causes });
  const ask = asking(kb, now);
  const evidence = ask ? await askModel(recalled, conclude(recalled), ask) : recalled;
  await kb.incidents.saveEvidence(incidentId, evidence);
  const diagnosis = conclude(evidence);
  const impact = impactOf(evidence, diagnosis.severity);
  await kb.incidents.update(incidentId, { diagnosis, impact, severity: impact.severity, onset: diagnosis.onset });
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
      ...diagnosis.gaps.map((gap) => `not known: ${gap}`),
    ],
    saw: {
      onset: diagnosis.onset,
      severity: impact.severity,
      impact: briefly(impact),
      roots: diagnosis.roots?.map(({ resource, share }) => ({ resource, share })),
      topology: evidence.topologyVersion,
      hypotheses: diagnosis.hypotheses.map(({ fault, confidence }) => ({ fault, confidence })),
      ...likenessOf(evidence.known),
      ...(evidence.opinion ? { opinion: saidBy(evidence.opinion) } : {}),
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

/** What the trail holds of it: its ranking stands in the reasons. */
const saidBy = ({ model, explanation, dropped, tokens }: Opinion) => ({ model, explanation, dropped, tokens });
