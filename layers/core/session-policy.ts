import type { Grant } from './action.ts';

/** STS's limit for a session policy given with AssumeRole, in characters. */
export const SESSION_POLICY_LIMIT = 2_048;

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Grant['condition'];
}

/**
 * The session policy that narrows an action's role to the ARNs in hand: grants on the same resources, under the same
 * condition, share a statement; everything is sorted, so that the same grants make the same text. The tag condition of
 * `tagged` grants stands in the role itself. No grants: a policy that denies everything.
 * @throws Error when it would be longer than STS takes, or a grant names no action or no resource.
 */
export function sessionPolicy(grants: readonly Grant[]): string {
  const empty = grants.find(({ actions, on }) => actions.length === 0 || on.length === 0);
  if (empty) {
    const [actions, on] = [empty.actions, empty.on].map((list) => list.join(', ') || 'nothing');
    throw new Error(`a grant must name actions and the ARNs they are on, got ${actions} on ${on}`);
  }
  const statements = grants.length === 0 ? [DENY_ALL] : merge(grants);
  const text = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  if (text.length < SESSION_POLICY_LIMIT) return text;
  throw new Error(
    `a session policy must stay under ${SESSION_POLICY_LIMIT} characters, got ${text.length} from ${grants.length} grants ` +
      `on ${new Set(grants.flatMap(({ on }) => on)).size} resources: let the action touch fewer resources at once`,
  );
}

const DENY_ALL: Statement = { Effect: 'Deny', Action: ['*'], Resource: ['*'] };

function merge(grants: readonly Grant[]): Statement[] {
  const byTarget = Map.groupBy(grants, ({ on, condition }) => JSON.stringify([sorted(on), condition ?? null]));
  return [...byTarget.keys()].sort().flatMap((target) => {
    const same = byTarget.get(target) ?? [];
    const [first] = same;
    if (!first) return [];
    return [
      {
        Effect: 'Allow' as const,
        Action: sorted(same.flatMap(({ actions }) => actions)),
        Resource: sorted(first.on),
        ...(first.condition ? { Condition: first.condition } : {}),
      },
    ];
  });
}

const sorted = (list: readonly string[]): string[] => [...new Set(list)].sort();
