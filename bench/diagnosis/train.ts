/**
 * `npm run train`: trains the model that tells faults apart, and writes functions/diagnose/model/faults.json.
 *
 * It learns from incidents of the modelled shop (see episodes.ts), each as it is and once with less known of it. Seeds from
 * 1 to `--seeds` are for training; the bench scores on seeds from 1001 on, which nothing here may look at.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { calibrationError } from '../../functions/diagnose/classify/calibrate.ts';
import { casesOf as table, fit, groupsOf, outOfFold, type Labelled } from '../../functions/diagnose/classify/fit.ts';
import { sharpen } from '../../functions/diagnose/classify/forest.ts';
import type { Growth } from '../../functions/diagnose/classify/train.ts';
import { FEATURES, featuresOf } from '../../functions/diagnose/features/features.ts';
import { pack } from '../../functions/diagnose/model/packed-forest.ts';
import { rootsOf } from '../../functions/diagnose/roots/roots.ts';
import { seeded } from '../../layers/core/statistics/random.ts';
import { casesOf, type Case } from './episodes.ts';
import { perturbed } from './perturb.ts';
import { labelOf } from './truth.ts';

export const FILE = join(import.meta.dirname, '..', '..', 'functions', 'diagnose', 'model', 'faults.json');

/** Small enough for a quick cold start: more trees and finer leaves gain under half a point out of fold. */
const GROWTH: Growth = { trees: 32, tried: 0.4, leaf: 8, seed: 1 };
/** A best label less probable than this is no answer. */
const KNOWN_FROM = 0.4;

export function labelled(cases: readonly Case[], group: string, random: () => number): Labelled[] {
  return cases.flatMap((one) =>
    [one.evidence, perturbed(one.evidence, random)].map((evidence) => ({
      values: featuresOf(evidence, rootsOf(evidence)),
      label: labelOf(one),
      group,
    })),
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seeds: { type: 'string', default: '120' } } });
  const seeds = Number(values.seeds);
  const random = seeded(1);
  const cases: Labelled[] = [];
  for (let seed = 1; seed <= seeds; seed += 1) {
    cases.push(...labelled(await casesOf(seed), `seed ${seed}`, random));
    if (seed % 10 === 0) console.log(`${seed} of ${seeds} seeds, ${cases.length} cases`);
  }
  const model = modelFrom(cases, `1-${seeds}`);
  await writeFile(FILE, `${JSON.stringify(model)}\n`);
  console.log(model.trained);
}

/** The model with how it was trained: what faults.json holds. */
export function modelFrom(cases: readonly Labelled[], seeds: string) {
  const names = FEATURES.map(({ name }) => name);
  const forest = fit(cases, names, { growth: GROWTH, knownFrom: KNOWN_FROM });
  const { accuracy, calibration } = judged(cases, names, forest.labels, forest.sharpness);
  const trained = {
    how: 'npm run train',
    seeds,
    cases: cases.length,
    accuracyOutOfFold: accuracy,
    calibrationErrorOutOfFold: calibration,
  };
  return { schema: 1, trained, ...pack(forest) };
}

/** What trees say about seeds they have not seen. */
function judged(cases: readonly Labelled[], names: readonly string[], labels: readonly string[], sharpness: number) {
  const all = table(cases, names, labels);
  const seen = outOfFold(all, 5, GROWTH, groupsOf(cases)).map((one) => sharpen(one, sharpness));
  const right = seen.filter((one, i) => one.indexOf(Math.max(...one)) === all.labels[i]).length;
  const digits = (value: number) => Math.round(value * 1e4) / 1e4;
  return { accuracy: digits(right / seen.length), calibration: digits(calibrationError(seen, all.labels)) };
}

if (import.meta.main) await main();
