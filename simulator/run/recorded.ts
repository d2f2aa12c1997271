import { keepRecords } from '../../cli/record.ts';
import { lookAt } from './judge.ts';
import { beginOf, type Played, type Which } from './play.ts';

/**
 * Keeps an episode's incidents as `simulate-<seed>-<episode>-<n>.json`, in the order in which they opened, with the truth:
 * the fault, its variant and what confounded it, where it is and who suffers from it.
 */
export async function keepTruth(folder: string, { seed, n }: Which, { account, episode }: Played): Promise<void> {
  const incidents = (await lookAt(account, beginOf(seed, n))).map(({ incident: { incidentId } }) => incidentId);
  const truth = account.world
    .truth()
    .map(({ resource, fault, name, variant, suffer, reaches = [], heals, enteredAt, goneAt }) => ({
      resource,
      faults: [fault],
      name,
      variant,
      suffer: [...suffer, ...reaches],
      heals,
      enteredAt,
      ...(goneAt === undefined ? {} : { goneAt }),
    }));
  const { confounder = null } = episode;
  const about = { scenario: 'simulate', seed, episode: n, confounder, truth };
  await account.within(() => keepRecords(folder, `simulate-${seed}-${n}`, incidents.toReversed(), about));
}
