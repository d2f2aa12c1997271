import { join } from 'node:path';
import type { Sample } from '../../layers/core/detector.ts';
import { filesIn, foldersIn, readText, rowsOf, textOf } from '../support/public-set.ts';
import type { Profile } from './score.ts';

/** One labelled series of the corpus. */
export interface Case {
  /** `category/file.csv`, as the labels name it. */
  readonly file: string;
  /** CloudWatch series: the category of that name and two known causes that were EC2's. */
  readonly aws: boolean;
  readonly samples: readonly Sample[];
  readonly windows: readonly (readonly [number, number])[];
}

/** Published score of one series, of one detector in one profile, at the threshold that is best for the whole corpus. */
export interface Published {
  readonly detector: string;
  readonly profile: string;
  readonly file: string;
  readonly threshold: number;
  readonly score: number;
}

const AWS = /^realAWSCloudwatch\/|\/(cpu_utilization_asg_misconfiguration|ec2_request_latency_system_failure)\.csv$/;

/** The series that the folder `nab` holds and labels, in the labels' order. @throws Error when the labels are not there */
export function readCases(nab: string): readonly Case[] {
  const labels = readJson<Record<string, readonly (readonly [string, string])[]>>(
    join(nab, 'labels/combined_windows.json'),
  );
  const there = new Set(csvFiles(join(nab, 'data')));
  return Object.entries(labels)
    .filter(([file]) => there.has(file))
    .map(([file, windows]) => {
      const samples = bodyOf(join(nab, 'data', file)).map(([time = '', value = '']) => ({
        at: secondsOf(time),
        value: Number(value),
      }));
      const rowAt = new Map<number, number>();
      samples.forEach(({ at }, row) => rowAt.has(at) || rowAt.set(at, row));
      const row = (time: string): number => rowAt.get(secondsOf(time)) ?? missing(file, time);
      return { file, aws: AWS.test(file), samples, windows: windows.map(([a, b]) => [row(a), row(b)] as const) };
    });
}

/** The profiles' weights. */
export function readProfiles(nab: string): readonly Profile[] {
  type Matrix = { CostMatrix: { tpWeight: number; fpWeight: number; fnWeight: number } };
  const profiles = readJson<Record<string, Matrix>>(join(nab, 'config/profiles.json'));
  return Object.entries(profiles).map(([name, { CostMatrix: weights }]) => ({
    name,
    tp: weights.tpWeight,
    fp: weights.fpWeight,
    fn: weights.fnWeight,
  }));
}

/** Every row of `results/per_file_scores`. */
export function readPublished(nab: string): readonly Published[] {
  const folder = join(nab, 'results/per_file_scores');
  return filesIn(folder).flatMap((name) =>
    bodyOf(join(folder, name)).map(([detector = '', profile = '', file = '', threshold = '', score = '']) => ({
      detector,
      profile,
      file,
      threshold: Number(threshold),
      score: Number(score),
    })),
  );
}

/** Detectors whose raw scores the folder holds, each with its scores by series. */
export function readRaw(nab: string): ReadonlyMap<string, ReadonlyMap<string, Float64Array>> {
  const raw = join(nab, 'results/raw');
  return new Map(
    foldersIn(raw).map((detector) => {
      const series = csvFiles(join(raw, detector)).map((path) => {
        const file = path.replace(`/${detector}_`, '/');
        return [file, Float64Array.from(bodyOf(join(raw, detector, path)), ([, score]) => Number(score))] as const;
      });
      return [detector, new Map(series)] as const;
    }),
  );
}

/** `category/file.csv` of each, packed or not. */
const csvFiles = (folder: string): readonly string[] =>
  foldersIn(folder).flatMap((category) =>
    filesIn(join(folder, category)).map((name) => `${category}/${name.replace(/\.gz$/, '')}`),
  );

/** Rows after the header. */
const bodyOf = (file: string): readonly (readonly string[])[] => rowsOf(readText(file) ?? '').slice(1);

const readJson = <T>(path: string): T => JSON.parse(textOf(path)) as T;

function secondsOf(time: string): number {
  return Date.parse(`${time.trim().replace(' ', 'T')}Z`) / 1000;
}

function missing(file: string, time: string): never {
  throw new Error(`a window of ${file} should begin and end on rows of the series, got ${time}`);
}
