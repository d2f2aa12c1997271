import { readerAws } from '../../layers/runtime/aws.ts';
import { step } from '../../layers/runtime/step.ts';
import { collectEvidence } from './collect/evidence.ts';
import { diagnose } from './diagnose.ts';

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
  const evidence = await collectEvidence(incident, resource, await kb.incidents.signals(incidentId), sources, now());
  await kb.incidents.saveEvidence(incidentId, evidence);
  const diagnosis = diagnose(evidence);
  await kb.incidents.update(incidentId, { diagnosis, severity: diagnosis.severity, onset: diagnosis.onset });
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
      severity: diagnosis.severity,
      hypotheses: diagnosis.hypotheses.map(({ fault, confidence }) => ({ fault, confidence })),
      series: evidence.series.length,
      logTemplates: evidence.logs.length,
      changes: evidence.changes.length,
    },
  };
});
