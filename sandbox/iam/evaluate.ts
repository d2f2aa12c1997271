import { holds, type Context } from './conditions.ts';
import { matchesAction, matchesArn } from './match.ts';
import type { Some, Statement } from './policy.ts';

/** One action on one resource, as a policy sees it. */
export interface Request {
  /** As IAM names it, e.g. `lambda:InvokeFunction`. */
  readonly action: string;
  /** An ARN; `*` for a call on no resource in particular. */
  readonly resource: string;
  readonly context: Context;
}

/** The policies that a call by a role within one account is judged by. Absent: there is no such policy. */
export interface Policies {
  readonly identity: readonly Statement[];
  readonly boundary?: readonly Statement[] | undefined;
  readonly session?: readonly Statement[] | undefined;
  /** The resource's own. Only what it denies counts: what it allows, the templates here grant to the identity too. */
  readonly resource?: readonly Statement[] | undefined;
}

export type PolicyKind = 'identity-based policy' | 'permissions boundary' | 'session policy' | 'resource-based policy';

/** `explicit`: a policy of that kind denies it; else no policy of that kind allows it. */
export type Decision =
  { readonly allowed: true } | { readonly allowed: false; readonly explicit: boolean; readonly by: PolicyKind };

/**
 * Judges a request as IAM does within one account, without an organisation's policies ("Policy evaluation logic" in its
 * user guide): an explicit deny anywhere decides; then the identity's policies, the permissions boundary and the session
 * policy must each allow it.
 * @throws Error for an operator or variable in a condition that is not known here
 */
export function evaluate(request: Request, policies: Policies): Decision {
  const kinds: readonly (readonly [PolicyKind, readonly Statement[] | undefined])[] = [
    ['identity-based policy', policies.identity],
    ['permissions boundary', policies.boundary],
    ['session policy', policies.session],
  ];
  const denying = [...kinds, ['resource-based policy', policies.resource] as const].find(([, statements]) =>
    statements?.some((statement) => statement.effect === 'Deny' && applies(statement, request)),
  );
  if (denying !== undefined) return { allowed: false, explicit: true, by: denying[0] };
  const silent = kinds.find(
    ([, statements]) => statements?.some((each) => each.effect === 'Allow' && applies(each, request)) === false,
  );
  return silent === undefined ? { allowed: true } : { allowed: false, explicit: false, by: silent[0] };
}

function applies({ actions, resources, conditions }: Statement, { action, resource, context }: Request): boolean {
  return (
    isAmong(actions, (pattern) => matchesAction(pattern, action)) &&
    isAmong(resources, (pattern) => matchesArn(pattern, resource)) &&
    conditions.every((condition) => holds(condition, context))
  );
}

const isAmong = ({ but, patterns }: Some, matches: (pattern: string) => boolean): boolean =>
  patterns.some(matches) !== but;

/** What AWS answers: `User: … is not authorized to perform: … on resource: … because …`. */
export function refusalOf(
  user: string,
  { action, resource }: Request,
  { explicit, by }: Decision & { allowed: false },
): string {
  const article = by === 'identity-based policy' ? 'an' : 'a';
  const reason = explicit
    ? `with an explicit deny in ${article} ${by}`
    : `because no ${by} allows the ${action} action`;
  return `User: ${user} is not authorized to perform: ${action} on resource: ${resource} ${reason}`;
}
