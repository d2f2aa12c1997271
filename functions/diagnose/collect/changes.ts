import type { Arn } from '../../../layers/core/arn.ts';
import type { Change, Resource } from '../../../layers/core/inventory.ts';
import { addSeconds, hours, secondsBetween, type Instant } from '../../../layers/core/units.ts';

/** What is shown as "the changes in the window": enough to see an innocent one, and that it is too old. */
const SHOWN = hours(6);
/** How far back a steady revision or an alias's earlier version is looked for. */
export const REMEMBERED = hours(24 * 30);
/** Of these the changes are read, a query each: what the resource reads itself, then its neighbours, then what these read. */
const AT_MOST = 60;

export interface ChangesRead {
  /** Of the resource itself, as far back as is remembered. */
  readonly own: readonly Change[];
  /** Of the resource, its parameters and its neighbours, in the hours before. */
  readonly shown: readonly Change[];
  readonly gaps: readonly string[];
}

type ReadChanges = (arn: Arn, from: Instant, to: Instant) => Promise<readonly Change[]>;

/** Reads the recorded changes of a resource, of the parameters it reads and of its neighbours. Never throws. */
export async function collectChanges(
  resource: Resource,
  neighbours: readonly Resource[],
  to: Instant,
  read: ReadChanges,
): Promise<ChangesRead> {
  const gaps: string[] = [];
  const from = async (arn: Arn, start: Instant): Promise<readonly Change[]> => {
    try {
      return await read(arn, start, to);
    } catch (error) {
      gaps.push(`changes of ${arn} could not be read: ${String(error)}`);
      return [];
    }
  };
  const all = [...resource.parameters, ...neighbours, ...neighbours.flatMap(({ parameters }) => parameters)];
  const unique = [...new Set(all.map(({ arn }) => arn))];
  const others = unique.slice(0, AT_MOST);
  if (unique.length > AT_MOST) gaps.push(`changes of ${unique.length - AT_MOST} parameters were not looked at`);
  const [own, ...rest] = await Promise.all([
    from(resource.arn, addSeconds(to, -REMEMBERED)),
    ...others.map((arn) => from(arn, addSeconds(to, -SHOWN))),
  ]);
  const recent = own.filter(({ at }) => at >= addSeconds(to, -SHOWN));
  return { own, shown: [...recent, ...rest.flat()], gaps };
}

/** The same deployment as ECS remembers it and as its event told: one of the two is enough. */
const SAME = 30;

/**
 * Both lists as one, oldest first, each change once. What was recorded says more (who, which incident) and wins; what it
 * leaves out (the revision before) is taken from what ECS remembers.
 */
export function mergeChanges(recorded: readonly Change[], remembered: readonly Change[], to: Instant): Change[] {
  const isSame = (a: Change, b: Change) =>
    a.resource === b.resource &&
    a.kind === b.kind &&
    (a.to === b.to || a.to === undefined) &&
    Math.abs(secondsBetween(a.at, b.at)) <= SAME;
  const filled = recorded.map((change) => ({ ...remembered.find((other) => isSame(change, other)), ...change }));
  const window = remembered.filter(({ at }) => at >= addSeconds(to, -SHOWN) && at <= to);
  const added = window.filter((change) => !recorded.some((other) => isSame(other, change)));
  return [...filled, ...added].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.eventId < b.eventId ? -1 : 1));
}
