import type { Known, Likeness } from '../../../layers/core/experience.ts';

/** What is written into the trail of earlier incidents that look like this one. Nothing where there are none. */
export function likenessOf(known: Known | undefined): { likeness?: Likeness } {
  if (!known || known.neighbours.length === 0) return {};
  const earlier = known.neighbours.map(({ incidentId, similarity, label, tried }) => {
    const cure = tried.find(({ outcome }) => outcome === 'recovered');
    return { incidentId, similarity, fault: label.fault, by: label.by, ...(cure ? { healedBy: cure.action } : {}) };
  });
  const { pattern } = known;
  return { likeness: { earlier, ...(pattern ? { recurring: { name: pattern.name, times: pattern.times } } : {}) } };
}
