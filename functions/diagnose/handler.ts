import { shortName } from '../../layers/core/arn.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { step } from '../../layers/runtime/step.ts';
import { collectEvidence } from './collect/evidence.ts';
import { diagnose } from './diagnose.ts';

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
  const evidence = await collectEvidence(incident, resource, await kb.incidents.signals(incidentId), sources, now());
  await kb.incidents.saveEvidence(incidentId, evidence);
  const diagnosis = diagnose(evidence);
  await kb.incidents.update(incidentId, { diagnosis, severity: diagnosis.severity, onset: diagnosis.onset });
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
      severity: diagnosis.severity,
      roots: diagnosis.roots?.map(({ resource, share }) => ({ resource, share })),
      topology: evidence.topologyVersion,
      hypotheses: diagnosis.hypotheses.map(({ fault, confidence }) => ({ fault, confidence })),
      series: evidence.series.length,
      logTemplates: evidence.logs.length,
      changes: evidence.changes.length,
    },
  };
});
