import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { patternOfOne, patternsOf, surplus } from '../../../../functions/diagnose/knowledge/patterns.ts';
import { at, SERVICE } from '../../evidence.ts';
import { past } from './past.ts';

describe('patterns', () => {
  const leak = { 'memory rising': 0.9, 'stop out of memory': 1, 'own metric MemoryUtilization up': 0.8 };
  const deploy = { 'change deployment-started of own': 1, 'log missing setting <*>': 1, 'own metric Errors up': 0.8 };

  test('are what looked alike three times or more, named by fault, place and marks', () => {
    const leaks = [0, 1, 2, 3].map(() => past(leak, { fault: 'memory-leak' }));
    const deploys = [0, 1].map(() => past(deploy, { fault: 'bad-deployment' }));

    const patterns = patternsOf([...leaks, ...deploys]);

    expect(patterns).toMatchObject([
      {
        name: 'memory-leak of prod/api: stop out of memory; own metric MemoryUtilization up',
        times: 4,
        fault: 'memory-leak',
        fixes: [{ action: 'scale-out', healed: 4, failed: 0 }],
      },
    ]);
  });

  test('count the incident in hand, and change their name with what a person says', () => {
    const two = [0, 1].map(() => past(leak, { fault: 'overload', by: 'diagnosis' }));
    const corrected = past(leak, { fault: 'memory-leak', by: 'person' });

    expect(patternOfOne(leak, two)).toMatchObject({ times: 3, fault: 'overload' });
    expect(patternOfOne(leak, [...two, corrected])).toMatchObject({ times: 4, fault: 'memory-leak' });
    expect(patternOfOne(deploy, two)).toBeUndefined();
  });

  test('what is frequent is forgotten first, the oldest of it, and what a person judged last', () => {
    const rare = past(deploy);
    const judged = past(
      leak,
      {},
      {
        verdict: {
          said: 'confirmed',
          by: 'ada',
          at: at(0),
          was: { fault: 'overload', root: SERVICE, by: 'diagnosis' },
        },
      },
    );
    const often = Array.from({ length: 6 }, () => past(leak));

    const gone = surplus([rare, judged, ...often], 5);

    expect(gone.map(({ incidentId }) => incidentId)).toEqual(often.slice(0, 3).map(({ incidentId }) => incidentId));
    expect(surplus([rare, judged], 5)).toEqual([]);
  });

  test('keep to their limit whatever there is', () => {
    const one = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 30 }), fc.nat(30), (signatures, most) => {
        const all = signatures.map((signature) => past(signature));

        expect(all.length - surplus(all, most).length).toBe(Math.min(all.length, most));
      }),
    );
  });
});
