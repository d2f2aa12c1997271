import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scenario } from './scenario.ts';

const FOLDER = join(import.meta.dirname, '..');

/** Every scenario in the folder: the opening one, then the one that takes longest, and so on. @throws Error when a file's name and its scenario's differ */
export async function scenarios(): Promise<readonly Scenario[]> {
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.ts'));
  const all = await Promise.all(
    files.map(async (file) => {
      const { scenario } = (await import(pathToFileURL(join(FOLDER, file)).href)) as { scenario?: Scenario };
      const name = file.slice(0, -'.ts'.length);
      if (scenario?.name !== name)
        throw new Error(`${file} must export a scenario named ${name}, got ${scenario?.name ?? 'none'}`);
      return scenario;
    }),
  );
  const opening = ({ opening: first = false }: Scenario): number => (first ? 1 : 0);
  return all.sort((a, b) => opening(b) - opening(a) || b.usually - a.usually || (a.name < b.name ? -1 : 1));
}
