import { describe, expect, test } from 'vitest';
import { conclude } from '../../../../functions/diagnose/conclude.ts';
import { nearest } from '../../../../functions/diagnose/knowledge/neighbours.ts';
import { recall } from '../../../../functions/diagnose/knowledge/recall.ts';
import { signatureOf } from '../../../../functions/diagnose/knowledge/signature.ts';
import { deployment, evidenceOf } from '../../evidence.ts';
import { crashes, past } from './past.ts';

describe('neighbours', () => {
  test('are the most alike, the newest first among equals, at most five, and none that are unlike', () => {
    const own = { a: 1, b: 1 };
    const twins = Array.from({ length: 4 }, () => past({ a: 1, b: 1 }));
    const near = [past({ a: 1, b: 0.5 }), past({ a: 1 }), past({ c: 1 }), past({ a: 0.5, c: 1 })];

    const found = nearest(own, [...near, ...twins]);

    expect(found.map(({ incidentId }) => incidentId)).toEqual([
      ...twins.map(({ incidentId }) => incidentId).reverse(),
      near[0]!.incidentId,
    ]);
    expect(found.map(({ similarity: alike }) => alike)).toEqual([1, 1, 1, 1, 0.75]);
  });
});

describe('recalling', () => {
  test('puts what is known into the evidence, but for the incident itself', async () => {
    const evidence = evidenceOf(crashes);
    const own = past(signatureOf(evidence), {}, { incidentId: evidence.incidentId });
    const before = past(signatureOf(evidence));

    const { known } = await recall(evidence, { pastIncidents: async () => [own, before], causes: async () => [] });

    expect(known?.neighbours).toMatchObject([{ incidentId: before.incidentId, similarity: 1 }]);
  });

  test('that fails is a gap that is named, not a diagnosis that fails', async () => {
    const failing = async () => {
      throw new Error('throttled, password=hunter2');
    };

    const recalled = await recall(evidenceOf(crashes), { pastIncidents: failing, causes: async () => [] });

    expect(recalled.gaps).toEqual(['earlier incidents could not be read: Error: throttled, password=[redacted]']);
    expect(conclude(recalled).hypotheses[0]?.fault).toBe('crash-loop');
  });

  test('takes no seconds with all that may be kept', async () => {
    const names = Array.from({ length: 400 }, (_, n) => `own metric Metric${n} up`);
    const all = Array.from({ length: 220 }, (_, n) =>
      past(Object.fromEntries(Array.from({ length: 40 }, (_, k) => [names[(n * 17 + k * 7) % 400]!, 0.5]))),
    );
    const evidence = evidenceOf({ ...crashes, changes: [deployment(-60)] });

    const started = performance.now();
    await recall(evidence, { pastIncidents: async () => all, causes: async () => [] });

    expect(performance.now() - started).toBeLessThan(2000);
  });
});
