import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Carried } from './carry.ts';
import { NOTHING } from './carry.ts';
import { ALL } from './episode.ts';
import type { Played, Which } from './play.ts';

/** Episodes that went wrong, kept so that they are played again by the tests: test/simulator/kept/seed-S-N.json. */
export const KEPT = join(import.meta.dirname, '..', '..', 'test', 'simulator', 'kept');

const Items = z.array(z.custom<Carried['incidents'][number]>((item) => typeof item === 'object' && item !== null));
const Kept = z.object({
  seed: z.number().int(),
  n: z.number().int().positive(),
  /** What went wrong when it was kept. */
  problems: z.array(z.string()),
  /** What the account remembered as the episode began. */
  carried: z.object({ incidents: Items, knowledge: Items, control: Items }),
  /** The faults and confounders that there were. */
  drawn: z.object({ faults: z.array(z.string()), confounders: z.array(z.string()) }),
});

/** What must not be in any episode. */
export const problemsOf = ({ episode, violations }: Pick<Played, 'episode' | 'violations'>): string[] => [
  ...violations.map(({ invariant, what }) => `${invariant}: ${what}`),
  ...episode.elsewhere.map((what) => `on what was not the cause: ${what}`),
  ...episode.inHealth.map((what) => `in healthy time: ${what}`),
];

const fileOf = ({ seed, n }: Pick<Which, 'seed' | 'n'>, folder: string): string =>
  join(folder, `seed-${seed}-${n}.json`);

/** @returns the file */
export async function keep(which: Which, problems: readonly string[], folder = KEPT): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { seed, n, carried, drawn = ALL } = which;
  await writeFile(fileOf(which, folder), `${JSON.stringify({ seed, n, problems, drawn, carried })}\n`);
  return fileOf(which, folder);
}

/** The episode as it was kept; one that was not begins with nothing learned. */
export async function recall(seed: number, n: number, folder = KEPT): Promise<Which & { readonly isKept: boolean }> {
  const file = fileOf({ seed, n }, folder);
  if (!existsSync(file)) return { seed, n, carried: NOTHING, isKept: false };
  return { ...Kept.parse(JSON.parse(await readFile(file, 'utf8'))), isKept: true };
}

export async function allKept(folder = KEPT): Promise<readonly Pick<Which, 'seed' | 'n'>[]> {
  const names = existsSync(folder) ? await readdir(folder) : [];
  return names.flatMap((name) => {
    const [, seed, n] = /^seed-(\d+)-(\d+)\.json$/.exec(name) ?? [];
    return seed && n ? [{ seed: Number(seed), n: Number(n) }] : [];
  });
}
